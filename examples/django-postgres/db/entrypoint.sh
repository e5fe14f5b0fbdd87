#!/bin/sh
# Makes the database on the first start, then runs the server.
set -eu

# A cluster appears under its name only when it is complete: an interrupted first start begins anew.
if [ ! -d "$PGDATA" ]; then
  rm -rf "$PGDATA.new"
  initdb --pgdata="$PGDATA.new" --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust --auth-host=scram-sha-256
  echo 'host all all all scram-sha-256' >> "$PGDATA.new/pg_hba.conf"
  password=$(printf %s "$DATABASE_PASSWORD" | sed "s/'/''/g")
  # Single-user mode takes one statement a line.
  postgres --single -D "$PGDATA.new" postgres <<SQL
CREATE ROLE "$DATABASE_USER" LOGIN CREATEDB PASSWORD '$password';
CREATE DATABASE "$DATABASE_NAME" OWNER "$DATABASE_USER";
SQL
  mv "$PGDATA.new" "$PGDATA"
fi

exec postgres -c listen_addresses='*'
