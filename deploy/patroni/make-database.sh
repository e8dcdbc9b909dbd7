#!/bin/sh
# Run by Patroni once, on the node that makes the cluster, with the URL of its superuser.
set -eu
psql "$1" --quiet --no-psqlrc --set ON_ERROR_STOP=1 --set password="$RECEIVER_DATABASE_PASSWORD" <<'SQL'
-- CREATEROLE: `receiver migrate` makes the role of the reporting views.
CREATE ROLE receiver LOGIN CREATEROLE PASSWORD :'password';
CREATE DATABASE receiver OWNER receiver;
SQL
