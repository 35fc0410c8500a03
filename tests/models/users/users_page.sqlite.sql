-- The first page
SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4, u.status AS c5,
    u.role AS c6, u.last_sign_in_at AS c7, u.added_at AS c8, u.modified_at AS c9, u.last_name_sort AS c10,
    u.first_name_sort AS c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND (1=1)
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51;

-- The page behind a cursor
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, u.last_sign_in_at AS c7, u.added_at AS c8, u.modified_at AS c9,
    u.last_name_sort AS c10, u.first_name_sort AS c11, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort, u.first_name_sort, u.id) > (?, ?, ?))
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51) AS s0
UNION ALL
SELECT * FROM (SELECT u.id AS c0, u.first_name AS c1, u.last_name AS c2, u.username AS c3, u.email AS c4,
    u.status AS c5, u.role AS c6, u.last_sign_in_at AS c7, u.added_at AS c8, u.modified_at AS c9,
    u.last_name_sort AS c10, u.first_name_sort AS c11, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort, u.first_name_sort, u.id) <= (?, ?,
      ?))
  ORDER BY u.last_name_sort DESC, u.first_name_sort DESC, u.id DESC
  LIMIT 1) AS s1;
