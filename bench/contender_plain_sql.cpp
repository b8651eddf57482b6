// What people write first: ATTACH the shared file and copy what is newer, both ways. Triggers in
// both files keep tombstones of deleted rows. A well-made one: one transaction, no triggers while
// it copies, an index on updated_at where it goes by that.
//
// Rows that both sides changed: the later whole row stands, the other is gone.
#include "connection.h"
#include "contender.h"

namespace tidesync::bench {
namespace {

// Tables that have updated_at and an id; the others never change here.
const std::vector<std::string>& copied_tables() {
  static const std::vector<std::string> tables{"customers", "projects",    "components",
                                               "quotes",    "quote_lines", "quote_line_costs"};
  return tables;
}

class PlainSql : public Contender {
 public:
  explicit PlainSql(bool full) : full_(full) {}

  std::string name() const override {
    return full_ ? "(a) plain SQL, full tables" : "(b) plain SQL, by updated_at";
  }

  bool is_slow_to_prepare() const override { return !full_; }
  void prepare(const Stage& stage) override {
    for (const Path& file : {stage.database(Side::kA), stage.database(Side::kB), stage.master()})
      set_up(to_utf8(file));
  }

  void edit(const Stage& stage, const std::string& sql_of_a, const std::string& sql_of_b) override {
    application(stage, Side::kA, sql_of_a, kStampOfA);
    sync(stage, Side::kA);
    remember(stage, Side::kA, kSyncOfA);
    application(stage, Side::kB, sql_of_b, kStampOfB);
  }

  void sync(const Stage& stage, Side side) override {
    Connection db(to_utf8(stage.database(side)));
    db.disable_triggers();
    db.exec("ATTACH '" + to_utf8(stage.master()) + "' AS master");
    db.exec("BEGIN IMMEDIATE");
    since_ = db.get_text("SELECT at FROM last_sync");
    for (const std::string& table : copied_tables()) copy(db, table, "master", "main");
    for (const std::string& table : copied_tables()) copy(db, table, "main", "master");
    copy_tombstones(db, "master", "main");
    copy_tombstones(db, "main", "master");
    db.exec(std::string("UPDATE last_sync SET at = '") + kSyncOfB + "'");
    db.exec("COMMIT");
  }

 private:
  void set_up(const std::string& file) {
    Connection db(file);
    db.exec(R"(
      CREATE TABLE tombstones (name TEXT, id INTEGER, at TEXT, PRIMARY KEY (name, id)) WITHOUT ROWID;
      CREATE INDEX tombstones_at ON tombstones (at);
      CREATE TABLE last_sync (at TEXT);
      CREATE TABLE clock (at TEXT);
      INSERT INTO clock VALUES (''))");
    db.exec(std::string("INSERT INTO last_sync VALUES ('") + kLastSyncOfBoth + "')");
    for (const std::string& table : copied_tables()) {
      if (!full_) db.exec("CREATE INDEX " + table + "_updated ON " + table + " (updated_at)");
      db.exec("CREATE TRIGGER " + table + "_deleted AFTER DELETE ON " + table +
              " BEGIN INSERT OR REPLACE INTO tombstones VALUES ('" + table +
              "', OLD.id, (SELECT at FROM clock)); END");
    }
  }

  // The stamps of edits are made up, so those of tombstones are too.
  static void application(const Stage& stage, Side side, const std::string& sql,
                          const std::string& stamp) {
    Connection db(to_utf8(stage.database(side)));
    db.exec("UPDATE clock SET at = '" + stamp + "'");
    db.exec(sql);
  }

  static void remember(const Stage& stage, Side side, const std::string& at) {
    Connection(to_utf8(stage.database(side))).exec("UPDATE last_sync SET at = '" + at + "'");
  }

  void copy(Connection& db, const std::string& table, const std::string& from,
            const std::string& to) {
    const std::string graves = "SELECT d.id FROM " + from + ".tombstones d WHERE d.name = '" +
                               table + "'" + (full_ ? "" : " AND d.at > '" + since_ + "'");
    db.exec("DELETE FROM " + to + "." + table + " WHERE id IN (" + graves +
            ") AND updated_at <= (SELECT d.at FROM " + from + ".tombstones d WHERE d.name = '" +
            table + "' AND d.id = " + table + ".id)");
    db.exec("INSERT INTO " + to + "." + table + " SELECT s.* FROM " + from + "." + table +
            " s WHERE " + (full_ ? "true" : "s.updated_at > '" + since_ + "'") +
            " AND NOT EXISTS (SELECT 1 FROM " + to + ".tombstones d WHERE d.name = '" + table +
            "' AND d.id = s.id AND d.at >= s.updated_at) ON CONFLICT (id) DO UPDATE SET " +
            assignments(db, table) + " WHERE excluded.updated_at > " + table + ".updated_at");
  }

  static std::string assignments(Connection& db, const std::string& table) {
    return db.get_text(
        "SELECT group_concat(name || ' = excluded.' || name, ', ') FROM "
        "pragma_table_info('" +
        table + "') WHERE name <> 'id'");
  }

  void copy_tombstones(Connection& db, const std::string& from, const std::string& to) const {
    db.exec("INSERT INTO " + to + ".tombstones SELECT * FROM " + from + ".tombstones WHERE " +
            (full_ ? "true" : "at > '" + since_ + "'") +
            " ON CONFLICT DO UPDATE SET at = excluded.at WHERE excluded.at > at");
  }

  bool full_;
  std::string since_;
};

}  // namespace

std::unique_ptr<Contender> make_plain_sql(bool full) {
  return std::make_unique<PlainSql>(full);
}

}  // namespace tidesync::bench
