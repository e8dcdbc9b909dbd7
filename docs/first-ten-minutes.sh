#!/usr/bin/env bash
# The first ten minutes with Device Status Receiver, from an empty folder: install it, start it, look at it, send a
# notification of your own, ask for the status, report with SQL, and stop it. Read it, or run it:
#
#   mkdir first && cd first && bash …/docs/first-ten-minutes.sh
#
# Everything is put into the folder in which it runs. For root, Postgres runs as a user of its own, who may not be able to
# enter that folder; so root's data go into a temporary folder. It needs bash, curl, Python 3.11 and a package registry.
# PYTHON names the interpreter of an environment in which the service is installed, and then nothing is installed.
set -euo pipefail
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

step() {
    printf '\n== %s\n' "$*"
}

step "Install"
if [[ -z ${PYTHON:-} ]]; then
    python3 -m venv .venv
    PYTHON=$PWD/.venv/bin/python
    "$PYTHON" -m pip install --quiet --constraint "$CHECKOUT/constraints.txt" "${CHECKOUT}[embedded]"
fi
PATH=$(dirname "$PYTHON"):$PATH
receiver --version

step "Start it in the background, on a free port, with its own Postgres"
folder=$PWD
if ((EUID == 0)); then
    folder=$(mktemp -d)
    chmod 755 "$folder"
fi
export RECEIVER_DATA_DIR=$folder/data
receiver serve --port 0 >started.txt 2>log.txt &
service=$!
trap 'kill "$service" 2>/dev/null && wait "$service" || true' EXIT
for ((waited = 0; waited < 120; waited++)); do
    grep -q '^http.*/console/enter' started.txt && break
    kill -0 "$service" || break
    sleep 0.5
done
url=$(sed -n 's/^Listening on //p' started.txt)
[[ $url ]] || { cat log.txt; exit 1; }
cat started.txt

step "Send the stories of twenty phones, which reach until now"
receiver simulate

step "See it: open the link that was printed, which signs in once"
link=$(grep '/console/enter' started.txt)
curl -sS --fail --location --cookie cookies.txt --cookie-jar cookies.txt -o console.html -w '%{http_code}\n' "$link"
grep -o -m 1 '<title>.*</title>' console.html
echo "For your browser: $(receiver console)"

step "Store a notification of your own, and be told that it is stored"
cat >notification.json <<END
{
  "id": "my-first-notification",
  "source": "https://operator.example/device-roaming-status-subscriptions/v0.7",
  "type": "org.camaraproject.device-roaming-status-subscriptions.v0.roaming-change-country",
  "specversion": "1.0",
  "datacontenttype": "application/json",
  "time": "$(date -u +%Y-%m-%dT%H:%M:%SZ)",
  "data": {"device": {"phoneNumber": "+99999991000"}, "subscriptionId": "my-subscription", "countryCode": 208, "countryName": ["FR"]}
}
END
receiver check notification.json
curl -sS -w '%{http_code}\n' "$url/notifications" \
    -H "Authorization: Bearer $(cat "$RECEIVER_DATA_DIR/first-credentials/sink")" \
    -H 'Content-Type: application/cloudevents+json' \
    -d @notification.json

step "Ask what is true of the phone now"
ask() {
    curl -sS --fail "$url/$1" \
        -H "Authorization: Bearer $(cat "$RECEIVER_DATA_DIR/first-credentials/reader")" \
        -H 'Content-Type: application/json' \
        -d '{"device": {"phoneNumber": "+99999991000"}}'
    echo
}
ask status/retrieve

step "Ask for its history"
ask events/retrieve

step "Report with SQL"
receiver psql --reports -c "SELECT phone_number, roaming, country, roaming_since FROM reporting.device WHERE roaming ORDER BY roaming_since DESC"

step "Examine the installation"
receiver doctor

step "Stop it; $RECEIVER_DATA_DIR keeps what was stored"
kill "$service"
wait "$service"
trap - EXIT
echo "stopped"
