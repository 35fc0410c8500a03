-- The first page
SELECT u.id::text AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4, u.status AS
    c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c7,
    to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c8, to_char(u.modified_at AT
    TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS c10, u.first_name_sort AS
    c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $1) AND (u.category = $2)) AND (1=1)
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT $3;

-- The page behind a cursor
SELECT * FROM (SELECT u.id::text AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS
    c4, u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $1) AND (u.category = $2)) AND ((u.last_name_sort, u.first_name_sort, u.id) > ($3, $4,
      $5))
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT $6) AS s0
UNION ALL
SELECT * FROM (SELECT u.id::text AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS
    c4, u.status AS c5, u.role AS c6, to_char(u.last_sign_in_at AT TIME ZONE 'UTC', 'YYYY-MM-
    DD"T"HH24:MI:SS.MS"Z"') AS c7, to_char(u.added_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS
    c8, to_char(u.modified_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS c9, u.last_name_sort AS
    c10, u.first_name_sort AS c11, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = $7) AND (u.category = $8)) AND ((u.last_name_sort, u.first_name_sort, u.id) <= ($9,
      $10, $11))
  ORDER BY u.last_name_sort DESC, u.first_name_sort DESC, u.id DESC
  LIMIT $12) AS s1;
