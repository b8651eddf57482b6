// The share: what it is, whether it answers, and whether it does what publishing relies on.
#include <algorithm>
#include <cstdlib>

#include "base/text.h"
#include "inspect/doctor_parts.h"
#include "inspect/node_health.h"
#include "share/layout.h"
#include "share/probe.h"
#include "sync/machine_note.h"

namespace tidesync {
namespace {

constexpr std::int64_t kHopelessOffsetMs = 24LL * 60 * 60 * 1000;
constexpr std::int64_t kNoiseMs = 1000;

void check_clock(Examination& it, std::int64_t offset_ms) {
  const std::int64_t size_ms = std::abs(offset_ms);
  if (size_ms < kNoiseMs) {
    it.ok("clock", "agrees with the share");
    return;
  }
  const std::string text = "this computer is " + clock_offset_text(offset_ms);
  if (size_ms > kHopelessOffsetMs) {
    it.problem("clock", text,
               "Set the clock of this computer, or that of the NAS: edits are "
               "dated by it.");
  } else if (is_clock_off(offset_ms, it.config->health)) {
    it.warning("clock", text + "; times are corrected by that",
               "Let this computer and the NAS take their time from the network (NTP).");
  } else {
    it.ok("clock", text);
  }
}

void tell_probe(Examination& it, const ProbeReport& report) {
  const PublishPrimitive wanted = it.dataset->format().primitive;
  require_primitive(report, wanted, it.config->share);
  std::string text = wanted == PublishPrimitive::kLink ? "publishing by hard links works"
                                                       : "publishing by folders works";
  if (report.raced_names > 0)
    text += ", also when several want one name (" + std::to_string(report.raced_names) + " tried)";
  it.ok("probe", text + "; " + std::to_string(report.operations) + " operations");
  if (!report.rename_problem.empty())
    it.warning("probe", "files cannot be replaced: " + report.rename_problem,
               "master.db will stay old. Check the permissions in the share's folder.");
  if (!report.listing_problem.empty())
    it.warning("probe", report.listing_problem,
               "Batches of others will be seen late; mount "
               "without caches of listings.");
  if (report.clock_offset_ms) check_clock(it, *report.clock_offset_ms);
}

void probe(Examination& it) {
  it.attempt("probe", [&] {
    ProbeOptions options;
    options.only = it.dataset->format().primitive;
    options.names = it.options.race ? kRacedNames : 0;
    tell_probe(it,
               probe_share(it.env.share, it.config->share, it.env.clock, it.env.random, options));
  });
}

std::uint64_t master_bytes(Examination& it) {
  try {
    const auto info = it.env.share.stat(it.config->share / layout::kMasterFile);
    return info ? info->size : 0;
  } catch (const Error&) {
    return 0;  // the share is away, which is told elsewhere
  }
}

}  // namespace

void examine_place_of_share(Examination& it) {
  const Path& share = it.config->share;
  const MountFacts mount = it.mount_of(share);
  for (const ShareFinding& finding : check_mount(mount)) it.add("share_place", finding);
  for (const ShareFinding& finding : check_drive_letter(to_utf8(share), mount))
    it.add("share_place", finding);
  const auto noted = read_machine_note(it.env.local, it.paths);
  const std::string missing =
      missing_drive(to_utf8(share), mount, it.env.user, noted ? noted->share_unc : "");
  if (!missing.empty())
    it.problem("share_place", "its drive letter is not there for this account", missing);
  for (const ShareFinding& finding :
       check_cloud(share, folder_names(it.env.share), cloud_variables()))
    it.add("share_place", finding);
  if (mount.read_only)
    it.problem("share_place", "it is mounted read-only: changes of others come in, none goes out",
               "Mount it with the option rw.");
  if (mount.free_bytes) it.add("share_space", check_free_space(mount, master_bytes(it)));
}

void examine_share(Examination& it) {
  auto dataset = std::make_unique<Dataset>(it.env.share, it.config->share, it.env.clock,
                                           it.env.random, it.config->node);
  const bool opened = it.attempt("share", [&] {
    const DatasetFormat format = dataset->open(it.share_id);
    if (format.min_writer > kShareFormatVersion) {
      it.problem("share", "it may only be written by a newer version of tidesync",
                 "Update tidesync on this computer.");
    } else {
      it.ok("share", "dataset " + format.share_id + ", made by " + printable(format.created_by));
    }
  });
  if (!opened) return;
  it.dataset = std::move(dataset);
  probe(it);
}

}  // namespace tidesync
