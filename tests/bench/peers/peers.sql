-- The peers' tables, with as many users as the benchmark's data: half in the first portal, the others in equal parts.
-- bench.portals and bench.users are set by servers.py.
create table portal (id int primary key, slug text not null unique, name text not null, seats int not null);
create table account_session (id uuid primary key, portal_id int not null references portal, user_id int not null, revoked_at timestamptz);
create table portal_user (
  id int primary key, portal_id int not null references portal, first_name text not null, last_name text not null,
  username text not null, email text not null, status text not null, category text not null, role text not null,
  last_sign_in_at timestamptz, added_at timestamptz not null, modified_at timestamptz not null);

insert into portal
select i, 'load-'||i, 'Load '||i, 1000000 from generate_series(1, current_setting('bench.portals')::int) i;

with size as (
  select current_setting('bench.users')::bigint as users, current_setting('bench.users')::int / 2 as large,
         current_setting('bench.portals')::int - 1 as others)
insert into portal_user
select n, p, (array['Ada','Grace','Linus','Ken','Barbara','Edsger','Donald','Margaret','Alan','Radia'])[1+n%10],
       (array['Lovelace','Hopper','Torvalds','Thompson','Liskov','Dijkstra','Knuth','Hamilton','Turing','Perlman'])[1+(n/10)%10]||(n%997),
       'user.'||n, 'user.'||n||'@load-'||p||'.test', s,
       case when s in ('ACTIVE', 'LOCKED_OUT') then 'ENABLED' when s = 'PROVISIONED' then 'UNCONFIRMED' else 'DISABLED' end,
       'PORTAL_USER', now()-(n%100000)*interval '1 minute', now()-(n%900)*interval '1 day', now()
from (select n, case when n <= large then 1 else 2 + (n - large - 1) * others / (users - large) end p,
             (array['ACTIVE','ACTIVE','ACTIVE','ACTIVE','ACTIVE','ACTIVE','ACTIVE','LOCKED_OUT','PROVISIONED','DEACTIVATED'])[1+(n*7919::bigint)%10] s
      from size, generate_series(1, users::int) n) t;
create index on portal_user (portal_id, category, last_name, id);

insert into account_session values ('11111111-1111-4111-8111-111111111111', 2, 1, null);

-- PostGraphile reads the tenant from the token, as its manual recommends: settings and row-level security.
do $$ begin
  if not exists (select from pg_roles where rolname = 'gatehouse_bench_visitor') then
    create role gatehouse_bench_visitor nologin;
  end if;
end $$;
grant gatehouse_bench_visitor to current_user;
grant select on all tables in schema public to gatehouse_bench_visitor;
alter table portal_user enable row level security;
create policy own_portal on portal_user for select to gatehouse_bench_visitor
  using (portal_id = nullif(current_setting('jwt.portal', true), '')::int);
analyze;
