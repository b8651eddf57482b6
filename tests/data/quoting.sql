-- A sample database of quoting software: machine builders who sell components, sub assemblies and services.
--
--     sqlite3 -bail quoting.db < quoting.sql        into a file that does not exist yet
--
-- Everything is invented, and everything is made here: the numbers come from a small generator with a fixed seed
-- (section 2), the times are written out, so every build gives the same rows. Sections: 1 schema, 2 dice and words,
-- 3 master data, 4 quotes, 5 counters, 6 checks.

PRAGMA page_size = 4096;
PRAGMA encoding = 'UTF-8';
PRAGMA foreign_keys = ON;
PRAGMA user_version = 3;

BEGIN;

-- 1 schema ------------------------------------------------------------------------------------------------------------

CREATE TABLE units (
    code      TEXT NOT NULL PRIMARY KEY,
    name      TEXT NOT NULL,
    decimals  INTEGER NOT NULL DEFAULT 0 CHECK (decimals BETWEEN 0 AND 3)
);

CREATE TABLE customers (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    code              TEXT NOT NULL COLLATE NOCASE UNIQUE,
    name              TEXT NOT NULL,
    email             TEXT COLLATE NOCASE UNIQUE,
    phone             TEXT,
    city              TEXT NOT NULL,
    country           TEXT NOT NULL DEFAULT 'DE' CHECK (length(country) = 2),
    discount_percent  REAL NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 50),
    notes             TEXT,
    created_at        TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at        TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by        TEXT
);

CREATE TABLE projects (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    code         TEXT NOT NULL UNIQUE,
    customer_id  INTEGER NOT NULL REFERENCES customers (id),
    name         TEXT NOT NULL,
    status       TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'won', 'lost', 'closed')),
    starts_on    TEXT,
    budget       REAL CHECK (budget >= 0),
    updated_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by   TEXT
);

CREATE TABLE components (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    part_number     TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    category        TEXT NOT NULL,
    manufacturer    TEXT,
    unit            TEXT NOT NULL DEFAULT 'pcs' REFERENCES units (code) ON UPDATE CASCADE,
    cost_price      REAL NOT NULL CHECK (cost_price >= 0),
    list_price      REAL NOT NULL CHECK (list_price >= 0),
    weight_kg       REAL,
    stock           INTEGER NOT NULL DEFAULT 0,
    lead_time_days  INTEGER,
    discontinued    INTEGER NOT NULL DEFAULT 0 CHECK (discontinued IN (0, 1)),
    updated_at      TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by      TEXT
);

CREATE TABLE sub_assemblies (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    code            TEXT NOT NULL COLLATE NOCASE UNIQUE,
    parent_id       INTEGER REFERENCES sub_assemblies (id),
    name            TEXT NOT NULL,
    description     TEXT,
    labour_hours    REAL NOT NULL DEFAULT 0 CHECK (labour_hours >= 0),
    drawing_digest  BLOB,
    active          INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    updated_at      TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by      TEXT
);

CREATE TABLE sub_assembly_components (
    sub_assembly_id  INTEGER NOT NULL REFERENCES sub_assemblies (id) ON DELETE CASCADE,
    component_id     INTEGER NOT NULL REFERENCES components (id) ON DELETE RESTRICT,
    quantity         REAL NOT NULL DEFAULT 1 CHECK (quantity > 0),
    note             TEXT,
    PRIMARY KEY (sub_assembly_id, component_id)
);

CREATE TABLE quotes (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    number       TEXT NOT NULL UNIQUE CHECK (number GLOB 'Q-[0-9][0-9][0-9][0-9]-*'),
    customer_id  INTEGER NOT NULL REFERENCES customers (id),
    project_id   INTEGER REFERENCES projects (id) ON DELETE SET NULL,
    title        TEXT NOT NULL,
    status       TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent', 'accepted', 'rejected', 'expired')),
    currency     TEXT NOT NULL DEFAULT 'EUR' CHECK (length(currency) = 3),
    total        REAL NOT NULL DEFAULT 0,
    valid_until  TEXT,
    sent_at      TEXT,
    notes        TEXT,
    created_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at   TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_by   TEXT
);

-- A line sells a component, or a sub assembly, or (both NULL) a service in plain words.
CREATE TABLE quote_lines (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    quote_id          INTEGER NOT NULL REFERENCES quotes (id) ON DELETE CASCADE,
    position          INTEGER NOT NULL CHECK (position > 0),
    component_id      INTEGER REFERENCES components (id),
    sub_assembly_id   INTEGER REFERENCES sub_assemblies (id),
    description       TEXT NOT NULL,
    quantity          REAL NOT NULL DEFAULT 1 CHECK (quantity > 0),
    unit_price        REAL NOT NULL CHECK (unit_price >= 0),
    discount_percent  REAL NOT NULL DEFAULT 0 CHECK (discount_percent BETWEEN 0 AND 100),
    updated_at        TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CHECK (component_id IS NULL OR sub_assembly_id IS NULL)
);

-- What a sub assembly or a service of a quote is expected to cost us.
CREATE TABLE quote_line_costs (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    quote_line_id  INTEGER NOT NULL REFERENCES quote_lines (id) ON DELETE CASCADE,
    kind           TEXT NOT NULL CHECK (kind IN ('material', 'labour', 'travel')),
    amount         REAL NOT NULL CHECK (amount >= 0),
    note           TEXT,
    updated_at     TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- Offers written by hand in a word processor; only their number and sum are kept here.
CREATE TABLE manual_quotes (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    number         TEXT NOT NULL UNIQUE,
    customer_id    INTEGER REFERENCES customers (id) ON DELETE SET NULL,
    customer_name  TEXT NOT NULL,
    subject        TEXT NOT NULL,
    amount         REAL CHECK (amount >= 0),
    status         TEXT NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'sent', 'accepted', 'rejected')),
    file_name      TEXT,
    updated_at     TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    updated_by     TEXT
);

-- The last number given out, per series and year. Year 0: the series never starts again.
CREATE TABLE generated_numbers (
    series      TEXT NOT NULL,
    year        INTEGER NOT NULL DEFAULT 0,
    prefix      TEXT NOT NULL,
    last_value  INTEGER NOT NULL DEFAULT 0 CHECK (last_value >= 0),
    updated_at  TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (series, year)
) WITHOUT ROWID;

CREATE INDEX projects_customer ON projects (customer_id);
CREATE INDEX components_unit ON components (unit);
CREATE INDEX sub_assemblies_parent ON sub_assemblies (parent_id);
CREATE INDEX sub_assembly_components_component ON sub_assembly_components (component_id);
CREATE INDEX quotes_customer ON quotes (customer_id);
CREATE INDEX quotes_project ON quotes (project_id);
CREATE INDEX quote_lines_quote ON quote_lines (quote_id, position);
CREATE INDEX quote_lines_component ON quote_lines (component_id);
CREATE INDEX quote_lines_sub_assembly ON quote_lines (sub_assembly_id);
CREATE INDEX quote_line_costs_line ON quote_line_costs (quote_line_id);
CREATE INDEX manual_quotes_customer ON manual_quotes (customer_id);
CREATE INDEX quotes_open ON quotes (valid_until) WHERE status IN ('draft', 'sent');
CREATE INDEX customers_by_name ON customers (lower(name));

CREATE VIEW quote_overview AS
SELECT q.id, q.number, q.status, c.name AS customer, p.code AS project, q.title, q.total, q.currency, q.valid_until,
       (SELECT count(*) FROM quote_lines l WHERE l.quote_id = q.id) AS lines
  FROM quotes q
  JOIN customers c ON c.id = q.customer_id
  LEFT JOIN projects p ON p.id = q.project_id;

-- quotes.total is the sum of the lines, each rounded to cents. One rule, three events. It is always added up afresh,
-- never by a difference, so it cannot drift.
CREATE TRIGGER quote_total_after_insert AFTER INSERT ON quote_lines
BEGIN
    UPDATE quotes
       SET total = (SELECT round(coalesce(sum(round(quantity * unit_price * (100 - discount_percent) / 100, 2)), 0), 2)
                      FROM quote_lines WHERE quote_id = quotes.id)
     WHERE id = NEW.quote_id;
END;

CREATE TRIGGER quote_total_after_update AFTER UPDATE OF quote_id, quantity, unit_price, discount_percent ON quote_lines
BEGIN
    UPDATE quotes
       SET total = (SELECT round(coalesce(sum(round(quantity * unit_price * (100 - discount_percent) / 100, 2)), 0), 2)
                      FROM quote_lines WHERE quote_id = quotes.id)
     WHERE id IN (OLD.quote_id, NEW.quote_id);
END;

CREATE TRIGGER quote_total_after_delete AFTER DELETE ON quote_lines
BEGIN
    UPDATE quotes
       SET total = (SELECT round(coalesce(sum(round(quantity * unit_price * (100 - discount_percent) / 100, 2)), 0), 2)
                      FROM quote_lines WHERE quote_id = quotes.id)
     WHERE id = OLD.quote_id;
END;

-- 2 dice and words ----------------------------------------------------------------------------------------------------

-- dice: 9,000 rows of eight numbers 1 .. 2^31 - 2, from x' = 48271 x mod (2^31 - 1), seed 20260108.
-- Each table below throws its own rows: customers 1.., projects 200.., sub assemblies 300.., quotes 400.., manual quotes
-- 900.., components 1000.., quote lines 2000.., parts of sub assemblies 7000.., costs of a quote line with the line.
CREATE TEMP TABLE dice (row INTEGER PRIMARY KEY, a, b, c, d, e, f, g, h);
WITH RECURSIVE
    roll (n, x) AS (SELECT 0, 20260108
                    UNION ALL
                    SELECT n + 1, x * 48271 % 2147483647 FROM roll WHERE n < 9000 * 8 - 1)
INSERT INTO dice
SELECT n / 8 + 1,
       max(x) FILTER (WHERE n % 8 = 0), max(x) FILTER (WHERE n % 8 = 1),
       max(x) FILTER (WHERE n % 8 = 2), max(x) FILTER (WHERE n % 8 = 3),
       max(x) FILTER (WHERE n % 8 = 4), max(x) FILTER (WHERE n % 8 = 5),
       max(x) FILTER (WHERE n % 8 = 6), max(x) FILTER (WHERE n % 8 = 7)
  FROM roll GROUP BY n / 8;

CREATE TEMP TABLE word (list TEXT, n INTEGER, text TEXT, PRIMARY KEY (list, n)) WITHOUT ROWID;
INSERT INTO word VALUES
    ('user', 0, 'anna'), ('user', 1, 'ben'), ('user', 2, 'carla'), ('user', 3, 'deniz'), ('user', 4, 'eva'),
    ('company', 0, 'Brakwerk'), ('company', 1, 'Fenmoor'), ('company', 2, 'Lunvik'), ('company', 3, 'Ørnstad'),
    ('company', 4, 'Mühlgrund'), ('company', 5, 'Castrel'), ('company', 6, 'Tovenor'), ('company', 7, 'Halvaska'),
    ('company', 8, 'Petranor'), ('company', 9, 'O''Kett'), ('company', 10, 'Vintréa'), ('company', 11, 'Silberquell'),
    ('domain', 0, 'brakwerk'), ('domain', 1, 'fenmoor'), ('domain', 2, 'lunvik'), ('domain', 3, 'oernstad'),
    ('domain', 4, 'muehlgrund'), ('domain', 5, 'castrel'), ('domain', 6, 'tovenor'), ('domain', 7, 'halvaska'),
    ('domain', 8, 'petranor'), ('domain', 9, 'okett'), ('domain', 10, 'vintrea'), ('domain', 11, 'silberquell'),
    ('sector', 0, 'Packaging'), ('sector', 1, 'Bottling'), ('sector', 2, 'Logistics'), ('sector', 3, 'Bakeries'),
    ('sector', 4, 'Foundry'), ('sector', 5, 'Timber'), ('sector', 6, 'Plastics'), ('sector', 7, 'Dairy'),
    ('sector', 8, 'Paper'), ('sector', 9, 'Automation'),
    ('mailbox', 0, 'office'), ('mailbox', 1, 'purchasing'), ('mailbox', 2, 'info'), ('mailbox', 3, 'Einkauf'),
    ('customer note', 0, 'Wants prices per metre, not per piece.'), ('customer note', 1, 'Invoice by e-mail only.'),
    ('customer note', 2, 'Delivery by truck, no ramp; needs a tail lift.'), ('customer note', 3, 'Pays within 10 days.'),
    ('plant', 0, 'Packing line'), ('plant', 1, 'Palletiser'), ('plant', 2, 'Bottle infeed'), ('plant', 3, 'Sorting loop'),
    ('plant', 4, 'Buffer store'), ('plant', 5, 'Oven outfeed'), ('plant', 6, 'Test bench'), ('plant', 7, 'Loading dock'),
    ('work', 0, 'new build'), ('work', 1, 'extension'), ('work', 2, 'retrofit'), ('work', 3, 'spare parts'),
    ('work', 4, 'conversion'), ('work', 5, 'relocation'),
    ('maker', 0, 'Arvenko'), ('maker', 1, 'Dentrix Drives'), ('maker', 2, 'Kolmark'), ('maker', 3, 'Nordbolt'),
    ('maker', 4, 'Pentasense'), ('maker', 5, 'Ravello Pneumatica'), ('maker', 6, 'Steinfall'),
    ('quote note', 0, 'Prices ex works, packing included.'), ('quote note', 1, 'Alternative with stainless frame on request.'),
    ('quote note', 2, 'Customer provides crane and electrician.'), ('quote note', 3, 'Second revision after site visit.'),
    ('service', 0, 'Installation on site'), ('service', 1, 'Commissioning'), ('service', 2, 'Engineering'),
    ('service', 3, 'Operator training'), ('service', 4, 'Documentation'), ('service', 5, 'Dismantling of the old line'),
    ('subject', 0, 'Repair of a gearbox'), ('subject', 1, 'Maintenance contract, one year'),
    ('subject', 2, 'Used belt conveyor, overhauled'), ('subject', 3, 'Safety inspection'), ('subject', 4, 'Rental of a lifting table'),
    ('subject', 5, 'Special tool for belt change');

-- Phone numbers are from the ranges that the German and British regulators keep free for fiction.
CREATE TEMP TABLE place (n INTEGER PRIMARY KEY, city, country, legal_form, phone_format);
INSERT INTO place VALUES
    (0, 'Berlin', 'DE', 'GmbH', '+49 30 23125%03d'), (1, 'Hamburg', 'DE', 'GmbH & Co. KG', '+49 40 66969%03d'),
    (2, 'München', 'DE', 'GmbH', '+49 89 99998%03d'), (3, 'Köln', 'DE', 'AG', '+49 221 4710%03d'),
    (4, 'Frankfurt', 'DE', 'GmbH', '+49 69 90009%03d'), (5, 'Leeds', 'GB', 'Ltd', '+44 113 496 0%03d'),
    (6, 'Sheffield', 'GB', 'Ltd', '+44 114 496 0%03d'), (7, 'Manchester', 'GB', 'plc', '+44 161 496 0%03d'),
    (8, 'Aarhus', 'DK', 'ApS', NULL), (9, 'Odense', 'DK', 'A/S', NULL), (10, 'Graz', 'AT', 'GmbH', NULL),
    (11, 'Linz', 'AT', 'GmbH', NULL), (12, 'Gent', 'BE', 'BV', NULL), (13, 'Lyon', 'FR', 'SAS', NULL);

-- Twenty kinds of part, fifty sizes each: size = first + step * 0 .. 49, price and weight grow from low to high.
CREATE TEMP TABLE part_kind (n INTEGER PRIMARY KEY, prefix, category, name_format, unit, first, step, low, high, heavy);
INSERT INTO part_kind VALUES
    (0, 'BRG', 'bearings', 'Deep groove bearing %d mm', 'pcs', 10, 2, 3.2, 96.0, 1.9),
    (1, 'FLB', 'bearings', 'Flange bearing unit %d mm', 'pcs', 12, 2, 11.5, 148.0, 4.2),
    (2, 'GMT', 'drives', 'Gear motor %d W', 'pcs', 90, 60, 210.0, 1480.0, 62.0),
    (3, 'FRQ', 'drives', 'Frequency inverter %d W', 'pcs', 180, 120, 165.0, 990.0, 7.5),
    (4, 'CPL', 'drives', 'Jaw coupling %d mm', 'pcs', 14, 2, 12.9, 119.0, 6.1),
    (5, 'BLT', 'belts', 'Conveyor belt PVC, width %d mm', 'm', 200, 20, 14.0, 88.0, 3.6),
    (6, 'TMB', 'belts', 'Timing belt T10, %d mm', 'pcs', 400, 50, 8.4, 61.0, 0.8),
    (7, 'CHN', 'chains', 'Roller chain, %d links', 'pcs', 40, 4, 16.2, 104.0, 9.8),
    (8, 'ROL', 'rollers', 'Steel roller, length %d mm', 'pcs', 200, 20, 9.8, 46.0, 5.4),
    (9, 'PRF', 'profiles', 'Aluminium profile 40 x %d', 'm', 20, 10, 7.1, 94.0, 8.2),
    (10, 'PLT', 'profiles', 'Steel plate 10 mm, %d mm', 'pcs', 100, 20, 12.0, 260.0, 96.0),
    (11, 'SCR', 'fasteners', 'Hexagon screw M8 x %d', 'pcs', 12, 2, 0.09, 0.82, 0.06),
    (12, 'NUT', 'fasteners', 'T-slot nut set, %d pieces', 'set', 10, 10, 2.4, 84.0, 2.2),
    (13, 'CYL', 'pneumatics', 'Cylinder 32 mm, stroke %d mm', 'pcs', 25, 25, 38.0, 192.0, 5.1),
    (14, 'VLV', 'pneumatics', 'Valve terminal, %d stations', 'pcs', 2, 1, 64.0, 1390.0, 6.4),
    (15, 'HSE', 'pneumatics', 'Hose PU, roll of %d m', 'pcs', 5, 5, 4.9, 171.0, 11.0),
    (16, 'SNS', 'sensors', 'Light barrier, range %d mm', 'pcs', 100, 100, 29.0, 214.0, 0.3),
    (17, 'CBL', 'cables', 'Control cable 4 x 1.5, drum of %d m', 'pcs', 25, 25, 31.0, 1260.0, 140.0),
    (18, 'CAB', 'cabinets', 'Control cabinet, width %d mm', 'pcs', 300, 20, 118.0, 890.0, 74.0),
    (19, 'OIL', 'consumables', 'Gear oil, can of %d l', 'l', 1, 1, 6.5, 7.9, 0.9);

-- Sixteen modules in five widths. Level 1 stands alone, the others belong to the level above, of the same width.
CREATE TEMP TABLE module (n INTEGER PRIMARY KEY, level, name, hours);
INSERT INTO module VALUES
    (0, 1, 'Belt conveyor', 14.0), (1, 1, 'Roller conveyor', 11.5), (2, 1, 'Lifting table', 18.0), (3, 1, 'Turntable', 16.5),
    (4, 2, 'Drive station', 4.5), (5, 2, 'Return station', 2.5), (6, 2, 'Frame section', 3.0), (7, 2, 'Guarding', 2.0),
    (8, 2, 'Control panel', 8.0), (9, 2, 'Pneumatic unit', 3.5), (10, 2, 'Transfer', 6.0), (11, 2, 'Support stand', 1.5),
    (12, 3, 'Motor bracket', 0.75), (13, 3, 'Tensioner', 1.25), (14, 3, 'Sensor bracket', 0.5), (15, 3, 'Cable set', 1.0);

-- day: working days from Monday 2024-01-08 to Friday 2026-03-20.
CREATE TEMP TABLE day (n INTEGER PRIMARY KEY, date TEXT);
WITH RECURSIVE count (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM count WHERE n < 574)
INSERT INTO day SELECT n, date('2024-01-08', (n / 5 * 7 + n % 5) || ' days') FROM count;

-- 3 master data -------------------------------------------------------------------------------------------------------

INSERT INTO units VALUES ('pcs', 'pieces', 0), ('m', 'metres', 2), ('kg', 'kilograms', 3), ('set', 'sets', 0), ('l', 'litres', 1), ('h', 'hours', 2);

-- 77 has no factor in common with 120, so each company meets each sector once.
WITH RECURSIVE count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 120)
INSERT INTO customers
SELECT count.id,
       printf('C-%d', 10000 + count.id),
       company.text || ' ' || sector.text || ' ' || place.legal_form,
       CASE WHEN d.c % 8 > 0 THEN mailbox.text || '@' || domain.text || '-' || lower(sector.text) || '.example' END,
       printf(place.phone_format, d.d % 1000),
       place.city,
       place.country,
       CASE d.e % 6 WHEN 0 THEN 5.0 WHEN 1 THEN 7.5 WHEN 2 THEN 10.0 ELSE 0.0 END,
       (SELECT text FROM word WHERE list = 'customer note' AND n = d.f % 16),
       datetime('2023-01-09 08:00:00', (count.id * 3) || ' days', (d.g % 540) || ' minutes'),
       datetime(day.date || ' 07:30:00', (d.h % 33000) || ' seconds'),
       user.text
  FROM count
  JOIN dice d ON d.row = count.id
  JOIN place ON place.n = d.a % 14
  JOIN day ON day.n = d.b % 575
  JOIN word company ON company.list = 'company' AND company.n = count.id * 77 % 120 % 12
  JOIN word domain ON domain.list = 'domain' AND domain.n = company.n
  JOIN word sector ON sector.list = 'sector' AND sector.n = count.id * 77 % 120 / 12
  JOIN word mailbox ON mailbox.list = 'mailbox' AND mailbox.n = d.c % 4
  JOIN word user ON user.list = 'user' AND user.n = d.g % 5
 ORDER BY count.id;

WITH RECURSIVE count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 60)
INSERT INTO projects
SELECT count.id,
       printf('P-%s-%03d', substr(day.date, 1, 4), row_number() OVER (PARTITION BY substr(day.date, 1, 4) ORDER BY count.id)),
       customers.id,
       plant.text || ' ' || (1 + d.b % 4) || ', ' || customers.city,
       CASE WHEN count.id > 48 THEN 'open' WHEN d.c % 3 = 0 THEN 'won' WHEN d.c % 3 = 1 THEN 'lost' ELSE 'closed' END,
       CASE WHEN d.d % 4 > 0 THEN date(day.date, (30 + d.d % 120) || ' days') END,
       CASE WHEN d.e % 5 > 0 THEN (20 + d.e % 380) * 1000.0 END,
       datetime(day.date || ' 08:00:00', (d.f % 30000) || ' seconds'),
       user.text
  FROM count
  JOIN dice d ON d.row = 200 + count.id
  JOIN customers ON customers.id = 1 + d.a % 120
  JOIN day ON day.n = count.id * 575 / 61
  JOIN word plant ON plant.list = 'plant' AND plant.n = d.g % 8
  JOIN word user ON user.list = 'user' AND user.n = d.h % 5
 ORDER BY count.id;

WITH RECURSIVE
    count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 1000),
    part AS (SELECT count.id, k.*, (count.id - 1) / 20 AS size,
                    round(k.low + (k.high - k.low) * ((count.id - 1) / 20) / 49.0, 2) AS price
               FROM count JOIN part_kind k ON k.n = (count.id - 1) % 20)
INSERT INTO components
SELECT part.id,
       printf('%s-%04d', part.prefix, part.first + part.step * part.size),
       printf(part.name_format, part.first + part.step * part.size),
       part.category,
       (SELECT text FROM word WHERE list = 'maker' AND n = d.a % 9),
       part.unit,
       round(part.price * (55 + d.b % 21) / 100, 2),
       part.price,
       CASE WHEN d.c % 10 > 0 THEN round(part.heavy * (10 + part.size) / 59, 3) END,
       CASE WHEN d.d % 3 > 0 THEN d.d % 240 ELSE 0 END,
       CASE WHEN d.e % 7 > 0 THEN 1 + d.e % 42 END,
       d.f % 25 = 0,
       datetime(day.date || ' 07:00:00', (d.g % 36000) || ' seconds'),
       user.text
  FROM part
  JOIN dice d ON d.row = 1000 + part.id
  JOIN day ON day.n = d.h % 575
  JOIN word user ON user.list = 'user' AND user.n = d.g % 5
 ORDER BY part.id;

-- Ids by level: 1-20, 21-60, 61-80; within a level the width runs fastest, so id % 5 is the width.
WITH RECURSIVE
    count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 80),
    unit AS (SELECT count.id, m.*, (count.id - 1) % 5 AS size FROM count JOIN module m ON m.n = (count.id - 1) / 5)
INSERT INTO sub_assemblies
SELECT unit.id,
       printf('SA-%04d', unit.id),
       CASE unit.level WHEN 2 THEN 1 + d.a % 4 * 5 + unit.size WHEN 3 THEN 21 + d.a % 8 * 5 + unit.size END,
       printf('%s %d', unit.name, 400 + 200 * unit.size),
       CASE WHEN d.b % 3 > 0 THEN printf('%s for a clear width of %d mm, revision %c', unit.name, 400 + 200 * unit.size,
                                         substr('ABCD', 1 + d.b % 4, 1)) END,
       unit.hours * (4 + unit.size) / 4,
       CASE WHEN d.c % 4 > 0
            THEN substr(x'00ff1b80c3289f5e07d641aa3c926be010fd2735844e59b1f70c62d8139aee4581b6cf2d7a049320e87f5b36a1cd14f8', 1 + d.c % 33, 16) END,
       d.d % 16 > 0,
       datetime(day.date || ' 07:00:00', (d.e % 36000) || ' seconds'),
       user.text
  FROM unit
  JOIN dice d ON d.row = 300 + unit.id
  JOIN day ON day.n = d.f % 575
  JOIN word user ON user.list = 'user' AND user.n = d.g % 5
 ORDER BY unit.id;

-- Four to twelve parts each. 129 has no factor in common with 1000, so no part comes twice.
WITH RECURSIVE
    part (sub_assembly_id, n, parts, component) AS (
        SELECT s.id, 1, 4 + d.h % 9, d.a % 1000
          FROM sub_assemblies s JOIN dice d ON d.row = 300 + s.id
        UNION ALL
        SELECT sub_assembly_id, n + 1, parts, (component + 129) % 1000 FROM part WHERE n < parts)
INSERT INTO sub_assembly_components
SELECT part.sub_assembly_id,
       components.id,
       CASE components.unit WHEN 'm' THEN (1 + d.a % 24) * 0.25 WHEN 'l' THEN (1 + d.a % 6) * 0.5
            ELSE 1.0 + d.a % CASE WHEN components.list_price > 60 THEN 1 ELSE 8 END END,
       CASE d.b % 12 WHEN 0 THEN 'cut to length' WHEN 1 THEN 'glued' WHEN 2 THEN 'spare part' END
  FROM part
  JOIN components ON components.id = part.component + 1
  JOIN dice d ON d.row = 7000 + part.sub_assembly_id * 12 + part.n
 ORDER BY part.sub_assembly_id, components.id;

-- 4 quotes ------------------------------------------------------------------------------------------------------------

-- Old quotes are decided, of the last seventy some are still open. Project 60 / 500 * id has begun by the day of quote id.
WITH RECURSIVE
    count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 500),
    offer AS (
        SELECT count.id, day.date, d.*,
               CASE WHEN count.id >= 10 AND d.a % 20 < 11 THEN count.id * 60 / 500 - d.b % min(20, count.id * 60 / 500) END AS project,
               CASE WHEN count.id > 430 AND d.c % 10 < 3 THEN 'draft'
                    WHEN count.id > 430 AND d.c % 10 < 8 THEN 'sent'
                    WHEN d.c % 10 < 4 THEN 'accepted'
                    WHEN d.c % 10 < 7 THEN 'rejected'
                    WHEN count.id > 430 THEN 'accepted'
                    ELSE 'expired' END AS state,
               datetime(day.date || ' 07:15:00', (d.d % 28000) || ' seconds') AS created_at
          FROM count
          JOIN dice d ON d.row = 400 + count.id
          JOIN day ON day.n = count.id * 575 / 501),
    dated AS (
        SELECT offer.*,
               CASE WHEN state <> 'draft' THEN datetime(created_at, (e / 180 % 4) || ' days', (20 + e % 180) || ' minutes') END AS sent_at
          FROM offer)
INSERT INTO quotes
SELECT o.id,
       printf('Q-%s-%04d', substr(o.date, 1, 4), row_number() OVER (PARTITION BY substr(o.date, 1, 4) ORDER BY o.id)),
       customers.id,
       projects.id,
       coalesce(projects.name, plant.text) || ': ' || work.text,
       o.state,
       CASE WHEN customers.country IN ('GB', 'DK') AND o.h % 3 = 0 THEN replace(replace(customers.country, 'GB', 'GBP'), 'DK', 'DKK')
            ELSE 'EUR' END,
       0.0,
       date(o.date, CASE o.f % 3 WHEN 0 THEN '30 days' WHEN 1 THEN '45 days' ELSE '60 days' END),
       o.sent_at,
       (SELECT text FROM word WHERE list = 'quote note' AND n = o.g % 12),
       o.created_at,
       CASE o.state WHEN 'draft' THEN datetime(o.created_at, (o.e % 400) || ' minutes')
                    WHEN 'sent' THEN o.sent_at
                    WHEN 'expired' THEN datetime(o.sent_at, '60 days')
                    ELSE min(datetime(o.sent_at, (600 + o.h % 40000) || ' minutes'), '2026-03-27 15:48:30') END,
       user.text
  FROM dated o
  LEFT JOIN projects ON projects.id = o.project
  JOIN customers ON customers.id = coalesce(projects.customer_id, 1 + o.b % 120)
  JOIN word plant ON plant.list = 'plant' AND plant.n = o.f % 8
  JOIN word work ON work.list = 'work' AND work.n = o.g % 6
  JOIN word user ON user.list = 'user' AND user.n = o.h % 5
 ORDER BY o.id;

-- What a sub assembly is sold for: its parts, and 68.00 an hour.
CREATE TEMP TABLE sub_assembly_price AS
SELECT s.id, round(sum(p.quantity * c.list_price), 2) AS material, round(s.labour_hours * 68, 2) AS labour
  FROM sub_assemblies s
  JOIN sub_assembly_components p ON p.sub_assembly_id = s.id
  JOIN components c ON c.id = p.component_id
 GROUP BY s.id;

-- Two to ten lines a quote: seven in ten a component, two a sub assembly, one a service by the hour. total follows by trigger.
WITH RECURSIVE
    line (quote_id, position, last) AS (
        SELECT q.id, 1, 2 + d.d % 9 FROM quotes q JOIN dice d ON d.row = 400 + q.id
        UNION ALL
        SELECT quote_id, position + 1, last FROM line WHERE position < last),
    numbered AS (SELECT row_number() OVER (ORDER BY quote_id, position) AS id, quote_id, position FROM line),
    chosen AS (
        SELECT n.*, d.*,
               CASE WHEN d.a % 10 < 7 THEN 1 + d.b % 1000 END AS component,
               CASE WHEN d.a % 10 IN (7, 8) THEN 1 + d.b % 80 END AS sub_assembly
          FROM numbered n JOIN dice d ON d.row = 2000 + n.id)
INSERT INTO quote_lines
SELECT l.id,
       l.quote_id,
       l.position,
       l.component,
       l.sub_assembly,
       coalesce(components.name, sub_assemblies.name, service.text),
       CASE WHEN l.component IS NULL AND l.sub_assembly IS NULL THEN (2 + l.c % 38) * 1.0
            WHEN l.sub_assembly IS NOT NULL THEN 1.0 + l.c % 3
            WHEN components.unit = 'm' THEN (2 + l.c % 60) * 0.5
            ELSE 1.0 + l.c % CASE WHEN components.list_price > 100 THEN 4 ELSE 24 END END,
       coalesce(components.list_price, price.material + price.labour, 78.0 + l.e % 4 * 6),
       CASE l.f % 8 WHEN 0 THEN 5.0 WHEN 1 THEN 10.0 WHEN 2 THEN 12.5 ELSE 0.0 END,
       min(datetime(quotes.created_at, (l.g % 400) || ' minutes', (l.h % 60) || ' seconds'), quotes.updated_at)
  FROM chosen l
  JOIN quotes ON quotes.id = l.quote_id
  LEFT JOIN components ON components.id = l.component
  LEFT JOIN sub_assemblies ON sub_assemblies.id = l.sub_assembly
  LEFT JOIN sub_assembly_price price ON price.id = l.sub_assembly
  JOIN word service ON service.list = 'service' AND service.n = l.d % 6
 ORDER BY l.id;

-- Material and labour of a sub assembly, labour of a service and sometimes the travel to it.
WITH
    cost (quote_line_id, kind, amount, note, updated_at) AS (
        SELECT l.id, 'material', round(l.quantity * p.material * 0.65, 2), NULL, l.updated_at
          FROM quote_lines l JOIN sub_assembly_price p ON p.id = l.sub_assembly_id
        UNION ALL
        SELECT l.id, 'labour', round(l.quantity * p.labour * 0.7, 2), NULL, l.updated_at
          FROM quote_lines l JOIN sub_assembly_price p ON p.id = l.sub_assembly_id
        UNION ALL
        SELECT l.id, 'labour', round(l.quantity * 52, 2), NULL, l.updated_at
          FROM quote_lines l WHERE l.component_id IS NULL AND l.sub_assembly_id IS NULL
        UNION ALL
        SELECT l.id, 'travel', 40.0 + d.h % 460, (20 + d.g % 600) || ' km', l.updated_at
          FROM quote_lines l JOIN dice d ON d.row = 2000 + l.id
         WHERE l.component_id IS NULL AND l.sub_assembly_id IS NULL AND d.h % 3 = 0)
INSERT INTO quote_line_costs
SELECT row_number() OVER (ORDER BY quote_line_id, kind), * FROM cost ORDER BY quote_line_id, kind;

WITH RECURSIVE count (id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM count WHERE id < 40),
    offer AS (
        SELECT count.id, day.date, d.*, row_number() OVER (PARTITION BY substr(day.date, 1, 4) ORDER BY count.id) AS place_in_year
          FROM count
          JOIN dice d ON d.row = 900 + count.id
          JOIN day ON day.n = count.id * 575 / 41)
INSERT INTO manual_quotes
SELECT o.id,
       printf('M-%s-%03d', substr(o.date, 1, 4), o.place_in_year),
       CASE WHEN o.a % 4 > 0 THEN customers.id END,
       CASE WHEN o.a % 4 > 0 THEN customers.name ELSE 'Walk-in, ' || customers.city END,
       subject.text,
       CASE WHEN o.c % 6 > 0 THEN round((12000 + o.c % 900000) / 100.0, 2) END,
       CASE o.d % 4 WHEN 0 THEN 'draft' WHEN 1 THEN 'sent' WHEN 2 THEN 'accepted' ELSE 'rejected' END,
       CASE WHEN o.e % 3 > 0 THEN printf('M-%s-%03d.odt', substr(o.date, 1, 4), o.place_in_year) END,
       printf('%sT%s.%03dZ', o.date, time('07:00:00', (o.f % 36000) || ' seconds'), o.g % 1000),
       user.text
  FROM offer o
  JOIN customers ON customers.id = 1 + o.b % 120
  JOIN word subject ON subject.list = 'subject' AND subject.n = o.h % 6
  JOIN word user ON user.list = 'user' AND user.n = o.g % 5
 ORDER BY o.id;

-- 5 counters ----------------------------------------------------------------------------------------------------------

INSERT INTO generated_numbers
SELECT 'quote', substr(number, 3, 4) + 0, substr(number, 1, 7), max(substr(number, 8) + 0), max(created_at) FROM quotes GROUP BY 2
UNION ALL
SELECT 'manual_quote', substr(number, 3, 4) + 0, substr(number, 1, 7), max(substr(number, 8) + 0), datetime(max(updated_at))
  FROM manual_quotes GROUP BY 2
UNION ALL
SELECT 'project', substr(code, 3, 4) + 0, substr(code, 1, 7), max(substr(code, 8) + 0), max(updated_at) FROM projects GROUP BY 2
UNION ALL
SELECT 'customer', 0, 'C-', max(substr(code, 3) + 0), max(created_at) FROM customers
UNION ALL
SELECT 'sub_assembly', 0, 'SA-', max(substr(code, 4) + 0), max(updated_at) FROM sub_assemblies;

-- 6 checks ------------------------------------------------------------------------------------------------------------

-- A check that fails breaks the constraint; with -bail nothing is committed.
CREATE TEMP TABLE expected (what TEXT, holds INTEGER NOT NULL CHECK (holds));
INSERT INTO expected VALUES
    ('120 customers', (SELECT count(*) = 120 FROM customers)),
    ('60 projects', (SELECT count(*) = 60 FROM projects)),
    ('1,000 components', (SELECT count(*) = 1000 FROM components)),
    ('80 sub assemblies', (SELECT count(*) = 80 FROM sub_assemblies)),
    ('500 quotes', (SELECT count(*) = 500 FROM quotes)),
    ('about 3,000 lines', (SELECT count(*) BETWEEN 2900 AND 3100 FROM quote_lines)),
    ('40 manual quotes', (SELECT count(*) = 40 FROM manual_quotes)),
    ('every total is the sum of its lines',
     (SELECT count(*) = 0 FROM quotes q
       WHERE total IS NOT (SELECT round(sum(round(quantity * unit_price * (100 - discount_percent) / 100, 2)), 2)
                             FROM quote_lines WHERE quote_id = q.id))),
    ('a quote and its project have one customer',
     (SELECT count(*) = 0 FROM quotes q JOIN projects p ON p.id = q.project_id WHERE p.customer_id <> q.customer_id)),
    ('nothing is younger than the last day', (SELECT max(updated_at) < '2026-03-28' FROM quotes)),
    ('foreign keys', (SELECT count(*) = 0 FROM pragma_foreign_key_check)),
    ('integrity', (SELECT group_concat(integrity_check) = 'ok' FROM pragma_integrity_check));

COMMIT;
VACUUM;

PRAGMA foreign_key_check;
PRAGMA integrity_check;
PRAGMA journal_mode = DELETE;
