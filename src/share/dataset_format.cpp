// format.json:
//   {"tidesync":1,"share_id":"<uuid>","created":"...","publish":"link|directory",
//    "hash":"blake2b-256","entries_per_folder":1000,"min_reader":1,"min_writer":1,
//    "created_by":"..."}
#include "share/dataset_format.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/log.h"
#include "base/text.h"
#include "share/layout.h"

namespace tidesync::dataset_format {
namespace {

using Json = nlohmann::json;

// Listings of larger folders are slow, and of smaller ones there would be too many.
constexpr std::uint64_t kMaxEntriesPerFolder = 100000;
constexpr const char* kHash = "blake2b-256";
constexpr const char* kLink = "link";
constexpr const char* kDirectory = "directory";

// What is wrong, without the file; parse() adds that.
struct Fault {
  std::string detail;
};
struct TooNew {
  std::string what;
};

const Json& member(const Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end()) throw Fault{std::string("it has no \"") + name + '"'};
  return *found;
}

std::string get_text(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_string()) throw Fault{std::string("its \"") + name + "\" is no text"};
  return value.get<std::string>();
}

int get_version(const Json& json, const char* name) {
  const Json& value = member(json, name);
  if (!value.is_number_unsigned()) throw Fault{std::string("its \"") + name + "\" is no number"};
  return static_cast<int>(std::min<std::uint64_t>(value.get<std::uint64_t>(), 1000000));
}

DatasetFormat parse_members(const Json& json) {
  if (!json.is_object() || !json.contains("tidesync")) throw Fault{"it is not tidesync's"};
  DatasetFormat format;
  format.min_reader = get_version(json, "min_reader");
  // Before all else: the rest may look different in a newer version.
  if (format.min_reader > kShareFormatVersion) {
    throw TooNew{"format " + std::to_string(format.min_reader)};
  }
  format.min_writer = get_version(json, "min_writer");
  format.share_id = get_text(json, "share_id");
  if (!is_uuid(format.share_id)) throw Fault{"its \"share_id\" is none"};
  format.created = get_text(json, "created");
  const std::string hash = get_text(json, "hash");
  if (hash != kHash) throw TooNew{"digest " + shorten_utf8(hash, 40)};
  const std::string publish = get_text(json, "publish");
  if (publish != kLink && publish != kDirectory) {
    throw TooNew{"publishing by " + shorten_utf8(publish, 40)};
  }
  format.primitive = publish == kLink ? PublishPrimitive::kLink : PublishPrimitive::kDirectory;
  if (json.contains("entries_per_folder")) {
    const Json& number = member(json, "entries_per_folder");
    if (!number.is_number_unsigned() || number == 0 || number > kMaxEntriesPerFolder) {
      throw Fault{"its \"entries_per_folder\" is not 1 to 100000"};
    }
    format.entries_per_folder = number.get<std::uint64_t>();
  }
  if (json.contains("created_by")) format.created_by = get_text(json, "created_by");
  return format;
}

}  // namespace

std::string to_json(const DatasetFormat& format) {
  nlohmann::ordered_json json;
  json["tidesync"] = kShareFormatVersion;
  json["share_id"] = format.share_id;
  json["created"] = format.created;
  json["publish"] = format.primitive == PublishPrimitive::kLink ? kLink : kDirectory;
  json["hash"] = kHash;
  json["entries_per_folder"] = format.entries_per_folder;
  json["min_reader"] = format.min_reader;
  json["min_writer"] = format.min_writer;
  json["created_by"] = printable(format.created_by);
  return json.dump() + "\n";
}

DatasetFormat parse(std::string_view text, const std::string& file) {
  try {
    return parse_members(Json::parse(text));
  } catch (const TooNew& fault) {
    throw Error(ErrorCode::kTooNew, "open dataset", file,
                "it needs a newer version of tidesync (" + printable(fault.what) + ")",
                "update tidesync on this computer");
  } catch (const Fault& fault) {
    throw Error(ErrorCode::kDamaged, "open dataset", file,
                "this is no format.json of a dataset: " + fault.detail,
                "put it back from a backup of the share; nothing was changed");
  } catch (const Json::exception&) {
    throw Error(ErrorCode::kDamaged, "open dataset", file, "this is not JSON",
                "put it back from a backup of the share; nothing was changed");
  }
}

}  // namespace tidesync::dataset_format

namespace tidesync::share_files {
namespace {

std::string hint_for(ErrorCode code) {
  switch (code) {
    case ErrorCode::kDiskFull:
      return "free space or raise the quota on the share, then sync again";
    case ErrorCode::kNoPermission:
    case ErrorCode::kReadOnly:
      return "ask for permission to create, rename and delete files in this folder";
    case ErrorCode::kShareUnreachable:
    case ErrorCode::kIo:
      return "check that the share is connected, then sync again";
    default:
      return {};
  }
}

}  // namespace

void remove_quietly(FileSystem& fs, const Path& path) {
  try {
    fs.remove(path);
  } catch (const Error& error) {
    log::debug(std::string("left behind: ") + error.what());
  }
}

CopiedFile digest_of_file(FileSystem& fs, const Path& path) {
  const auto handle = fs.open_read(path);
  if (!handle) {
    throw Error(ErrorCode::kNotFound, "read", to_utf8(path), "there is no such file");
  }
  CopiedFile file;
  Hasher hasher;
  std::string chunk(std::size_t{1} << 20, '\0');
  for (std::size_t got = chunk.size(); got == chunk.size(); file.size += got) {
    got = handle->read(chunk.data(), chunk.size());
    hasher.update({chunk.data(), got});
  }
  file.digest = hasher.digest();
  return file;
}

void restore_folder(FileSystem& fs, const Path& root, const std::string& folder) {
  if (!fs.stat(root / layout::kFormatFile)) {
    throw Error(ErrorCode::kShareUnreachable, "write", to_utf8(root),
                "the dataset is not there any more", "check that the share is connected");
  }
  fs.create_directory(root / folder);
}

void rethrow_with(const Error& error, const std::string& operation, const std::string& subject,
                  const std::string& kept) {
  throw Error(error.code(), operation, subject, std::string(error.what()) + "; " + kept,
              error.hint().empty() ? hint_for(error.code()) : error.hint());
}

}  // namespace tidesync::share_files
