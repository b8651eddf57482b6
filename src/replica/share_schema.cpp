#include "replica/share_schema.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/text.h"
#include "schema.h"

namespace tidesync {
namespace {

using Json = nlohmann::ordered_json;

// SQL from the share is only ever one CREATE statement of the kind expected.
void check_create(const std::string& sql, const std::string& name) {
  const std::string head = to_lower_ascii(sql.substr(0, 7));
  if (head != "create " && head != "create\n" && head != "create\t") {
    throw Error(ErrorCode::kDamaged, "read schema of", name, "not a CREATE statement");
  }
}

// JSON's numbers may be negative, huge or broken; get() would make something of each.
std::uint32_t table_number(const Json& value) {
  const bool is_number = value.is_number_unsigned() &&
                         value.get<std::uint64_t>() <= std::numeric_limits<std::uint32_t>::max();
  if (is_number) return value.get<std::uint32_t>();
  throw Error(ErrorCode::kDamaged, "read", "schema section of a batch",
              "the number of a table cannot be");
}

std::map<std::string, std::int64_t> pragmas_of(const Json& json) {
  std::map<std::string, std::int64_t> pragmas;
  for (const auto& [name, value] : json.get_ref<const Json::object_t&>()) {
    if (!value.is_number_integer()) {
      throw Error(ErrorCode::kDamaged, "read", "schema section of a batch",
                  "pragma " + shorten_utf8(printable(name), 40) + " is no whole number");
    }
    pragmas[name] = value.get<std::int64_t>();
  }
  return pragmas;
}

// Numbers below kFirstTableId are our own tables'; a number that stands twice would give two tables
// one set of triggers and hints.
void check_table_numbers(const ShareSchema& schema) {
  std::set<std::uint32_t> seen;
  for (const SharedTable& table : schema.tables) {
    if (table.id >= kFirstTableId && seen.insert(table.id).second) continue;
    throw Error(ErrorCode::kDamaged, "read schema of", table.name,
                "number " + std::to_string(table.id) + " is not free for a table");
  }
}

// Compiles and runs exactly one statement; text behind it is never run.
void run_create(Database& db, const std::string& sql, const std::string& name) {
  check_create(sql, name);
  db.prepare(sql).run();
}

bool is_unique_index(const SharedObject& object) {
  return object.type == "index" &&
         to_lower_ascii(object.sql.substr(0, 40)).find("unique") != std::string::npos;
}

std::set<std::string> index_sql(Database& db) {
  std::set<std::string> found;
  Statement rows =
      db.prepare("SELECT sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL");
  while (rows.step()) found.insert(rows.get_text(0));
  return found;
}

std::vector<std::string> key_names(const TableShape& shape) {
  std::vector<std::string> names;
  for (const std::size_t column : shape.key) names.push_back(shape.columns[column].name);
  return names;
}

bool is_shadow_or_ours(const std::string& name, const std::set<std::string>& shadows) {
  const std::string lower = to_lower_ascii(name);
  return lower.rfind("sqlite_", 0) == 0 || lower.rfind("tidesync_", 0) == 0 ||
         lower == "sync_log" || lower == "sync_conflicts" || lower == "sync_log_by_time" ||
         shadows.count(name) > 0;
}

}  // namespace

ShareSchema read_share_schema(Database& application, const std::vector<TableChoice>& chosen) {
  ShareSchema schema;
  std::set<std::string> synced;
  for (const TableChoice& choice : chosen) {
    const auto id = kFirstTableId + static_cast<std::uint32_t>(schema.tables.size());
    schema.tables.push_back({id, choice.name, choice.sql, key_names(choice.shape)});
    synced.insert(choice.name);
  }
  std::set<std::string> shadows;
  Statement listed =
      application.prepare("SELECT name FROM pragma_table_list WHERE type = 'shadow'");
  while (listed.step()) shadows.insert(listed.get_text(0));
  Statement rows = application.prepare(
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY"
      " CASE type WHEN 'table' THEN 1 WHEN 'index' THEN 2 WHEN 'view' THEN 3 ELSE 4 END, rowid");
  while (rows.step()) {
    const std::string name = rows.get_text(1);
    if (is_shadow_or_ours(name, shadows) || is_shadow_or_ours(rows.get_text(2), shadows)) continue;
    if (rows.get_text(0) == "table" && synced.count(name) > 0) continue;
    schema.objects.push_back({rows.get_text(0), name, rows.get_text(3)});
  }
  for (const char* pragma : {"user_version", "application_id", "page_size"}) {
    schema.pragmas[pragma] = application.get_int(std::string("PRAGMA ") + pragma);
  }
  return schema;
}

std::string to_json(const ShareSchema& schema) {
  Json tables = Json::array();
  for (const SharedTable& table : schema.tables) {
    tables.push_back(
        {{"id", table.id}, {"name", table.name}, {"key", table.key}, {"sql", table.sql}});
  }
  Json objects = Json::array();
  for (const SharedObject& object : schema.objects) {
    objects.push_back({{"type", object.type}, {"name", object.name}, {"sql", object.sql}});
  }
  Json json{{"tables", tables}, {"objects", objects}, {"pragmas", schema.pragmas}};
  if (!schema.left_out.empty()) json["left_out"] = schema.left_out;
  if (!schema.policies.empty()) json["policies"] = schema.policies;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ShareSchema parse_share_schema(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    ShareSchema schema;
    for (const Json& table : json.at("tables")) {
      schema.tables.push_back({table_number(table.at("id")), table.at("name").get<std::string>(),
                               table.at("sql").get<std::string>(),
                               table.at("key").get<std::vector<std::string>>()});
      check_create(schema.tables.back().sql, schema.tables.back().name);
    }
    for (const Json& object : json.at("objects")) {
      schema.objects.push_back({object.at("type").get<std::string>(),
                                object.at("name").get<std::string>(),
                                object.at("sql").get<std::string>()});
      check_create(schema.objects.back().sql, schema.objects.back().name);
    }
    schema.pragmas = pragmas_of(json.at("pragmas"));
    schema.left_out = json.value("left_out", std::set<std::string>{});
    schema.policies = json.value("policies", std::string());
    check_table_numbers(schema);
    return schema;
  } catch (const nlohmann::json::exception& error) {
    throw Error(ErrorCode::kDamaged, "read", "schema section of a batch", error.what());
  }
}

void create_base_table(Database& base, const SharedTable& table) {
  run_create(base, table.sql, table.name);
  if (!base.has_table(table.name)) {
    // Without this the table would silently be left out wherever the schema is read back.
    throw Error(ErrorCode::kDamaged, "read schema of", table.name,
                "its CREATE statement makes something else");
  }
  Statement note =
      base.prepare("INSERT OR REPLACE INTO tidesync_table (id, name, key) VALUES (?1, ?2, ?3)");
  note.bind(1, std::int64_t{table.id})
      .bind_text(2, table.name)
      .bind_text(3, Json(table.key).dump())
      .run();
}

void create_base_indexes(Database& base, const ShareSchema& schema) {
  for (const SharedObject& object : schema.objects) {
    if (!is_unique_index(object)) continue;
    try {
      run_create(base, object.sql, object.name);
    } catch (const Error& error) {
      // An index on a table that is not synced, with a function of the application's own, or one
      // that only the rows still to come satisfy.
      if (error.code() != ErrorCode::kSql) throw;
    }
  }
}

void drop_base_indexes(Database& base, const ShareSchema& schema) {
  for (const SharedObject& object : schema.objects) {
    if (is_unique_index(object)) base.exec("DROP INDEX IF EXISTS " + quote_name(object.name));
  }
}

void note_base_objects(Database& base, const ShareSchema& schema) {
  base.exec("DELETE FROM tidesync_object; DELETE FROM tidesync_state WHERE k GLOB 'pragma.*'");
  for (const SharedObject& object : schema.objects) {
    Statement note =
        base.prepare("INSERT INTO tidesync_object (type, name, sql) VALUES (?1, ?2, ?3)");
    note.bind_text(1, object.type).bind_text(2, object.name).bind_text(3, object.sql).run();
  }
  for (const auto& [name, value] : schema.pragmas) {
    Statement note =
        base.prepare("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES ('pragma.' || ?1, ?2)");
    note.bind_text(1, name).bind(2, value).run();
  }
  base.prepare("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES ('left_out', ?1)")
      .bind_text(1, Json(schema.left_out).dump())
      .run();
  base.prepare("INSERT OR REPLACE INTO tidesync_state (k, v) VALUES ('policies', ?1)")
      .bind_text(1, schema.policies)
      .run();
}

void create_base_tables(Database& base, const ShareSchema& schema) {
  base.exec(sql::k_local_journal);
  for (const SharedTable& table : schema.tables) create_base_table(base, table);
  create_base_indexes(base, schema);
  note_base_objects(base, schema);
}

ShareSchema load_share_schema(Database& base) {
  ShareSchema schema;
  Statement tables = base.prepare(
      "SELECT t.id, t.name, t.key, s.sql FROM tidesync_table AS t JOIN sqlite_schema AS s"
      " ON s.type = 'table' AND s.name = t.name COLLATE NOCASE ORDER BY t.id");
  while (tables.step()) {
    schema.tables.push_back({static_cast<std::uint32_t>(tables.get_int(0)), tables.get_text(1),
                             tables.get_text(3),
                             Json::parse(tables.get_text(2)).get<std::vector<std::string>>()});
  }
  Statement objects = base.prepare("SELECT type, name, sql FROM tidesync_object ORDER BY position");
  while (objects.step()) {
    schema.objects.push_back({objects.get_text(0), objects.get_text(1), objects.get_text(2)});
  }
  Statement pragmas =
      base.prepare("SELECT substr(k, 8), v FROM tidesync_state WHERE k LIKE 'pragma.%'");
  while (pragmas.step()) schema.pragmas[pragmas.get_text(0)] = pragmas.get_int(1);
  schema.left_out =
      Json::parse(base.get_text("SELECT v FROM tidesync_state WHERE k = 'left_out'", "[]"))
          .get<std::set<std::string>>();
  Statement policies = base.prepare("SELECT v FROM tidesync_state WHERE k = 'policies'");
  if (policies.step()) schema.policies = policies.get_text(0);
  return schema;
}

namespace {

// In an empty table nothing is computed that only the application could compute.
bool may_stand_in(Database& application, const SharedObject& object) {
  if (object.type != "index") return true;
  Statement find = application.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND instr(lower(?1), lower(name)) > 0");
  find.bind_text(1, object.sql);
  while (find.step()) {
    if (application.get_int("SELECT EXISTS (SELECT 1 FROM " + quote_name(find.get_text(0)) + ")"))
      return false;
  }
  return true;
}

bool try_create(Database& application, const SharedObject& object) {
  constexpr int kMostNames = 32;
  for (int names = 0; names < kMostNames; ++names) {
    try {
      run_create(application, object.sql, object.name);
      return true;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kSql || !may_stand_in(application, object) ||
          !application.add_stand_in(error.detail())) {
        if (error.code() != ErrorCode::kSql) throw;
        return false;
      }
    }
  }
  return false;
}

}  // namespace

std::vector<std::string> create_application_objects(Database& application,
                                                    const ShareSchema& schema) {
  std::vector<std::string> left;
  for (const char* pragma : {"user_version", "application_id"}) {
    const auto found = schema.pragmas.find(pragma);
    if (found == schema.pragmas.end()) continue;
    application.exec(std::string("PRAGMA ") + pragma + " = " + std::to_string(found->second));
  }
  const std::set<std::string> present = index_sql(application);
  for (const SharedObject& object : schema.objects) {
    if (present.count(object.sql) == 0 && !try_create(application, object))
      left.push_back(object.type + " " + object.name);
  }
  return left;
}

}  // namespace tidesync
