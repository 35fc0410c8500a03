-- The first page
SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4, u.status AS c5,
    u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c7,
    to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c8, to_char(u.modified_at AT
    TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS c10, u.first_name_sort AS
    c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $1) AND (u.category = $2)) AND (1=1)
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51;

-- The page behind a cursor
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $1) AND (u.category = $2)) AND ((u.last_name_sort = $3) AND (u.first_name_sort = $4)
      AND (u.id > $5))
  ORDER BY u.id ASC
  LIMIT 51) AS s0
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, 1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $6) AND (u.category = $7)) AND ((u.last_name_sort = $8) AND (u.first_name_sort > $9))
  ORDER BY u.first_name_sort ASC, u.id ASC
  LIMIT 51) AS s1
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, 2 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $10) AND (u.category = $11)) AND ((u.last_name_sort > $12))
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51) AS s2
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $13) AND (u.category = $14)) AND ((u.last_name_sort = $15) AND (u.first_name_sort =
      $16) AND (u.id <= $17))
  ORDER BY u.id DESC
  LIMIT 1) AS s3
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $18) AND (u.category = $19)) AND ((u.last_name_sort = $20) AND (u.first_name_sort <
      $21))
  ORDER BY u.first_name_sort DESC, u.id DESC
  LIMIT 1) AS s4
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $22) AND (u.category = $23)) AND ((u.last_name_sort < $24))
  ORDER BY u.last_name_sort DESC, u.first_name_sort DESC, u.id DESC
  LIMIT 1) AS s5;
