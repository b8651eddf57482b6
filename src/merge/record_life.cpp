#include "merge/record_life.h"

#include <map>

namespace tidesync {
namespace {

constexpr std::size_t kUidBytes = 16;
constexpr std::size_t kZeroBytes = 8;
constexpr std::size_t kIdBytes = 6;
enum class Note : char { kDeleted = 1, kInserted = 2, kReturned = 3 };

std::string note_of(Note note, DeletionId deletion) {
  std::string bytes(1, static_cast<char>(note));
  for (std::size_t i = 0; i < kIdBytes; ++i)
    bytes.push_back(static_cast<char>((deletion >> (8 * i)) & 0xFF));
  return bytes;
}

DeletionId id_from(std::string_view bytes) {
  DeletionId id = 0;
  for (std::size_t i = 0; i < kIdBytes; ++i)
    id |= static_cast<DeletionId>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return id;
}

}  // namespace

DeletionId deletion_by(const Digest& batch) {
  return id_from(batch.view());
}

std::string uid_of_return(DeletionId deletion) {
  std::string uid(kZeroBytes, '\0');
  uid += note_of(Note::kReturned, deletion).substr(1);
  uid.resize(kUidBytes, '\0');
  return uid;
}

bool is_return(std::string_view uid) {
  return uid.size() == kUidBytes &&
         uid.find_first_not_of('\0') >= kZeroBytes;  // npos: unknown deletion
}

DeletionId deletion_of_return(std::string_view uid) {
  return id_from(uid.substr(kZeroBytes));
}

std::string notes_of(const Change& change, DeletionId batch, bool undone) {
  const std::string gone = note_of(Note::kDeleted, batch);
  const std::string back = note_of(Note::kReturned, batch);
  switch (change.kind) {
    case ChangeKind::kUpdate:
      return {};
    case ChangeKind::kDelete:
      return undone ? back : gone;
    case ChangeKind::kReplace:
      return undone ? back : gone + note_of(Note::kInserted, kUnknownDeletion);
    case ChangeKind::kInsert:
      break;
  }
  if (!is_return(change.uid)) return undone ? gone : note_of(Note::kInserted, kUnknownDeletion);
  return note_of(undone ? Note::kDeleted : Note::kReturned, deletion_of_return(change.uid));
}

KeyOwner follow_notes(std::string_view notes, bool present, DeletionId gone_by) {
  constexpr int kNobody = -1;
  constexpr int kKnown = 0;
  int owner = present ? kKnown : kNobody;
  int others = 0;
  std::map<DeletionId, int> taken;  // whom a deletion took
  KeyOwner result;
  if (!present) {
    result.gone_by = gone_by;
    if (gone_by != kUnknownDeletion) taken[gone_by] = kKnown;
  }
  for (; notes.size() > kIdBytes; notes.remove_prefix(1 + kIdBytes)) {
    const DeletionId deletion = id_from(notes.substr(1));
    switch (static_cast<Note>(notes[0])) {
      case Note::kDeleted:
        taken[deletion] = owner;
        if (owner == kKnown) result.gone_by = deletion;
        owner = kNobody;
        break;
      case Note::kInserted:
        owner = ++others;
        break;
      case Note::kReturned: {
        const auto found = taken.find(deletion);
        if (found != taken.end()) {
          owner = found->second;
        } else {
          // Whose, if the own deletion is not known: the rule of batches without this.
          const bool unknown =
              deletion == kUnknownDeletion || (!present && gone_by == kUnknownDeletion);
          owner = unknown ? kKnown : ++others;
        }
        break;
      }
    }
  }
  result.is_known = owner == kKnown;
  return result;
}

}  // namespace tidesync
