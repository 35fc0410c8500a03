-- The first page
SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name, u.email,
    u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status, u.resume_reason,
    u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND (1=1)
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51;

-- The page behind a cursor
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, 0 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort = ?) AND (u.first_name_sort = ?) AND
      (u.id > ?))
  ORDER BY u.id ASC
  LIMIT 51) AS s0
UNION ALL
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, 1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort = ?) AND (u.first_name_sort > ?))
  ORDER BY u.first_name_sort ASC, u.id ASC
  LIMIT 51) AS s1
UNION ALL
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, 2 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort > ?))
  ORDER BY u.last_name_sort ASC, u.first_name_sort ASC, u.id ASC
  LIMIT 51) AS s2
UNION ALL
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort = ?) AND (u.first_name_sort = ?) AND
      (u.id <= ?))
  ORDER BY u.id DESC
  LIMIT 1) AS s3
UNION ALL
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort = ?) AND (u.first_name_sort < ?))
  ORDER BY u.first_name_sort DESC, u.id DESC
  LIMIT 1) AS s4
UNION ALL
SELECT * FROM (SELECT u.id, u.mssp_id, u.portal_id, u.kind, u.role, u.username, u.first_name, u.last_name,
    u.email, u.email_verified_at, u.pending_email, u.status, u.status_reason, u.resume_status,
    u.resume_reason, u.status_changed_at, u.category, u.holds_seat, u.mfa_enrolled, u.reset_mailed_at,
    u.verification_mailed_at, u.added_at, u.modified_at, u.version, u.locked_for_good, u.last_sign_in_at,
    u.last_name_sort AS key_0, u.first_name_sort AS key_1, u.id AS key_2, 0 AS page_group, -1 AS page_span
  FROM portal_user u
  WHERE ((u.portal_id = ?) AND (u.category = ?)) AND ((u.last_name_sort < ?))
  ORDER BY u.last_name_sort DESC, u.first_name_sort DESC, u.id DESC
  LIMIT 1) AS s5;
