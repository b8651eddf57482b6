// init: the first node. Order, and what a crash after each step leaves:
//   1 checks           nothing
//   2 format.json      a dataset without batches; init again takes it over
//   3 local folder     as 2
//   4 our tables, triggers, identity and the schema to publish, in one transaction
//                      a node whose first batch is due; any sync publishes it
//   5 first sync       as any sync
#include "base/log.h"
#include "base/process_lock.h"
#include "base/text.h"
#include "replica/policies.h"
#include "replica/undeclared.h"
#include "sqlite/transaction.h"
#include "sync/add_columns.h"
#include "sync/session.h"
#include "sync/setup.h"
#include "sync/setup_parts.h"

namespace tidesync {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  for (const std::string& entry : names) {
    if (to_lower_ascii(entry) == to_lower_ascii(name)) return true;
  }
  return false;
}

void check_names(const std::vector<TableChoice>& catalog, const std::vector<std::string>& names,
                 const std::string& option) {
  for (const std::string& name : names) {
    const TableChoice* found = nullptr;
    std::vector<std::string> known;
    for (const TableChoice& choice : catalog) {
      if (choice.can_sync) known.push_back(choice.name);
      if (to_lower_ascii(choice.name) == to_lower_ascii(name)) found = &choice;
    }
    if (!found) {
      throw Error(ErrorCode::kUsage, "use " + option, name, "the database has no such table",
                  "Its tables are: " + join(known, ", "));
    }
    if (option == "--tables" && !found->can_sync) {
      throw Error(ErrorCode::kSchema, "sync table", name, found->reason,
                  "Leave it out of --tables.");
    }
  }
}

std::vector<TableChoice> choose(const std::vector<TableChoice>& catalog,
                                const InitOptions& options) {
  if (!options.tables.empty() && !options.exclude.empty()) {
    throw Error(ErrorCode::kUsage, "init", "", "--tables and --exclude cannot be used together",
                "Name the tables to sync, or those to leave out.");
  }
  check_names(catalog, options.tables, "--tables");
  check_names(catalog, options.exclude, "--exclude");
  std::vector<TableChoice> chosen;
  for (const TableChoice& choice : catalog) {
    if (!choice.can_sync || contains(options.exclude, choice.name)) continue;
    if (options.tables.empty() || contains(options.tables, choice.name)) chosen.push_back(choice);
  }
  if (chosen.empty()) {
    throw Error(ErrorCode::kSchema, "init", to_utf8(options.database),
                "it has no table that can be synced",
                "A table needs a primary key, or a UNIQUE index of NOT NULL columns.");
  }
  return chosen;
}

// From the file that was named, or from a config.toml somebody laid beside the database before.
void take_policies(const Environment& env, const Path& file, Config& config,
                   const std::vector<TableChoice>& chosen) {
  read_policies(env.local, file, config);
  std::vector<TableShape> shapes;
  for (const TableChoice& choice : chosen) shapes.push_back(choice.shape);
  check_config_policies(file, config, shapes);
}

std::string undeclared_references(Database& db, const PolicySet& policies,
                                  const std::vector<TableChoice>& chosen) {
  std::vector<TableShape> shapes;
  for (const TableChoice& choice : chosen) shapes.push_back(choice.shape);
  apply_policies(policies, shapes);
  const auto found = find_undeclared_references(db, shapes);
  return found.empty() ? std::string() : references_line(found);
}

// A dataset without any batch is what an init leaves that was stopped: it may be taken over.
DatasetFormat create_or_take_over(Dataset& dataset, const Environment& env,
                                  const InitOptions& options) {
  try {
    Dataset::Birth birth;
    birth.raced_names = options.raced_names;
    birth.entries_per_folder = options.entries_per_folder;
    return dataset.create(env.tool, birth);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
    const DatasetFormat format = dataset.open("");
    if (!dataset.list_entries(Seq{0}, 0).empty()) throw;
    log::info("taking over the empty dataset of an init that did not finish");
    return format;
  }
}

}  // namespace

SetupResult init_dataset(Environment& env, const InitOptions& options, Steps* steps) {
  const LocalPaths paths(options.database);
  Config config;
  config.share = options.share;
  config.user = setup::default_user(options.user, env);
  SetupResult result;
  setup::require_outside_of_share(options.database, options.share);
  {
    Local local(options.database, config.patience_ms);
    if (local.is_attached()) {
      throw Error(ErrorCode::kAlreadyExists, "init", to_utf8(options.database),
                  "this database is synced already",
                  "Run tidesync status, or tidesync leave first.");
    }
    setup::require_free_names(local.db(), "init");
    // Locked by the application: better known before anything is made on the share.
    Transaction(local.db(), Transaction::Kind::kImmediate).rollback();
    result.warnings = setup::check_database_place(env, options.database);
    for (std::string& warning : setup::check_share_folder(env, options.share))
      result.warnings.push_back(std::move(warning));
    auto catalog = read_catalog(local.db());
    auto chosen = choose(catalog, options);
    const Path policies = options.policies.empty() ? paths.config : options.policies;
    if (!options.policies.empty() || env.local.stat(policies))
      take_policies(env, policies, config, chosen);
    config.node = setup::choose_node(options.node, config.user, env, nullptr);

    Dataset dataset(env.share, options.share, env.clock, env.random, config.node);
    const DatasetFormat format = create_or_take_over(dataset, env, options);
    result.share_id = format.share_id;

    setup::make_local_folders(env, paths);
    write_config(env.local, paths.config, config);
    Base(paths.base);

    Transaction transaction(local.db(), Transaction::Kind::kImmediate);
    std::vector<std::string> stamped;
    if (options.add_columns) {
      stamped = add_columns(local.db(), chosen);
      catalog = read_catalog(local.db());
      chosen = choose(catalog, options);
    }
    setup::attach(local, format.share_id, config, env.random, Cursor{});
    ShareSchema schema = read_share_schema(local.db(), chosen);
    note_added_columns(schema, stamped);
    for (const std::string& name : options.exclude) schema.left_out.insert(to_lower_ascii(name));
    if (!options.tables.empty()) schema.left_out.insert("*");
    schema.policies = to_json(config.policies);
    note_policies_proposed(local, config.policies);
    local.set_meta("pending_schema", to_json(schema));
    local.set_meta("compare_all", "1");
    // The triggers need the tables' numbers, which are those of the schema just written.
    std::vector<TableShape> shapes{read_shape(local.db(), "sync_log", {"run_id"}),
                                   read_shape(local.db(), "sync_conflicts", {"id"})};
    shapes[0].id = kLogTableId;
    shapes[1].id = kConflictsTableId;
    for (const TableChoice& choice : chosen) {
      shapes.push_back(choice.shape);
      shapes.back().id = kFirstTableId + static_cast<std::uint32_t>(shapes.size()) - 3;
    }
    local.use_shapes(shapes);
    local.install_triggers();
    transaction.commit();
    result.tables = setup::report_tables(local.db(), catalog, chosen, "left out: not asked for");
    result.undeclared_references = undeclared_references(local.db(), config.policies, chosen);
  }
  result.node = config.node;
  result.user = config.user;
  SyncOptions sync_options;
  sync_options.steps = steps;
  result.sync = sync_now(env, options.database, sync_options);
  result.seq = result.sync.seq_after;
  return result;
}

LeaveResult leave_dataset(Environment& env, const Path& database, bool force) {
  const LocalPaths paths(database);
  LeaveResult result;
  {
    Local local(database, 5000);
    if (!local.is_attached()) {
      throw Error(ErrorCode::kNotFound, "leave", to_utf8(database), "this database is not synced",
                  "There is nothing to remove.");
    }
    auto lock = ProcessLock::try_acquire(paths.lock, "held by tidesync leave");
    if (!lock) {
      throw Error(ErrorCode::kAlreadyRunning, "leave", to_utf8(database),
                  "a sync of this database is running", "Run it again when the sync has finished.");
    }
    result.pending_rows = local.count_waiting_rows();
    if (result.pending_rows > 0 && !force) {
      throw Error(ErrorCode::kGuard, "leave", to_utf8(database),
                  with_thousands(result.pending_rows) + " rows changed here were not yet published",
                  "Run tidesync now first, or add --force: the rows stay in this database only.");
    }
    Transaction transaction(local.db(), Transaction::Kind::kImmediate);
    local.remove_tables();
    transaction.commit();
  }
  remove_all(env.local, paths.folder);
  return result;
}

}  // namespace tidesync
