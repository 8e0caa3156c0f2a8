# An access token of Countersign for a job, with sh and curl alone. To be read (`. countersign.sh`), or to stand in a script.
#
#   countersign_exchange FOLDER   trades the job's ID token for an access token, and leaves it in FOLDER/token and, as
#                                 `curl -H @FOLDER/header` takes it, in FOLDER/header
#   countersign_revoke FOLDER     ends that token and removes the files; never fails, since it cleans up
#
# COUNTERSIGN_URL is the organization's, https://countersign.example/orgs/acme. The ID token is in the file that
# COUNTERSIGN_IDENTITY_TOKEN_FILE names, or in COUNTERSIGN_ID_TOKEN, or it comes by standard input. What may be left out:
# COUNTERSIGN_SERVICE_ACCOUNT, COUNTERSIGN_SCOPE, COUNTERSIGN_TARGET, COUNTERSIGN_TOKEN_TTL.
#
# Rules: no token is an argument of a program, part of a URL, printed or traced; it goes to the service and to nobody else,
# and no redirect is followed; files are for this user alone; a refusal says its reason and its request.

countersign_exchange() (
  { set +ex; } 2>/dev/null
  set -u
  umask 077
  folder=$1
  base=$(countersign_base) || exit 1
  command -v curl >/dev/null || countersign_fail 'there is no curl here, and this needs it' || exit 1
  [ ! -L "$folder" ] && mkdir -p "$folder" && chmod 700 "$folder" ||
    countersign_fail "$folder cannot be a folder of this user" || exit 1
  trap 'rm -f "$folder/answer" "$folder/headers"' EXIT

  if [ -n "${COUNTERSIGN_IDENTITY_TOKEN_FILE:-}" ]; then
    subject=$(cat "$COUNTERSIGN_IDENTITY_TOKEN_FILE") || exit 1
  elif [ -n "${COUNTERSIGN_ID_TOKEN:-}" ]; then
    subject=$COUNTERSIGN_ID_TOKEN
  else
    subject=$(cat)
  fi
  [ -n "$subject" ] || countersign_fail 'the platform has given this job no ID token' || exit 1

  # What is empty counts as left out. Only what may succeed later is tried again (408, 429, 5xx, nobody there).
  status=$(printf %s "$subject" | countersign_curl --retry 3 --retry-connrefused --retry-max-time 60 \
    --output "$folder/answer" --dump-header "$folder/headers" \
    --data-urlencode grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer \
    --data-urlencode assertion@- \
    --data-urlencode "service_account=${COUNTERSIGN_SERVICE_ACCOUNT:-}" \
    --data-urlencode "scope=${COUNTERSIGN_SCOPE:-}" \
    --data-urlencode "resource=${COUNTERSIGN_TARGET:-}" \
    --data-urlencode "requested_token_ttl=${COUNTERSIGN_TOKEN_TTL:-}" \
    "$base/oauth/token") || countersign_fail "$base was not reached" || exit 1
  request=$(sed -n -E 's/^[Xx]-[Rr]equest-[Ii]d: *([A-Za-z0-9_-]+).*/\1/p' "$folder/headers" | tail -n 1)
  if [ "$status" != 200 ]; then
    reason=$(countersign_field reason)
    countersign_fail "${reason:-no access token}: $(countersign_field error_description) (HTTP $status)"
    [ -z "$request" ] || echo "countersign: an admin of the organization sees why: countersign explain $request" >&2
    exit 1
  fi
  token=$(countersign_field access_token)
  case $token in
    '' | *[!A-Za-z0-9._~+/=-]*) countersign_fail "$base does not answer as Countersign does" || exit 1 ;;
  esac
  printf %s "$token" >"$folder/token"
  printf 'Authorization: Bearer %s\n' "$token" >"$folder/header"
  life=$(sed -n -E 's/.*"expires_in" *: *([0-9]+).*/\1/p' "$folder/answer")
  echo "countersign: an access token for $life s (request $request)" >&2
)

countersign_revoke() (
  { set +ex; } 2>/dev/null
  set -u
  folder=$1
  if [ ! -f "$folder/token" ]; then
    rmdir "$folder" 2>/dev/null
    exit 0
  fi
  status=$(countersign_curl --output /dev/null --data-urlencode "token@$folder/token" "$(countersign_base)/oauth/revoke") ||
    status='nobody there'
  rm -f "$folder/token" "$folder/header"
  rmdir "$folder" 2>/dev/null
  [ "$status" = 200 ] || echo "countersign: warning: the access token was not revoked ($status); it ends by itself" >&2
  exit 0
)

# Where the service is: the URL without the organization.
countersign_base() {
  case ${COUNTERSIGN_URL:-} in
    *[!A-Za-z0-9._~:/%-]*) countersign_fail 'COUNTERSIGN_URL is the URL of an organization, and nothing else' || return ;;
    https://* | http://localhost[:/]* | http://127.0.0.1[:/]*) ;;
    *) countersign_fail 'COUNTERSIGN_URL begins with https:// (http:// does on this machine alone)' || return ;;
  esac
  countersign_url=${COUNTERSIGN_URL%/}
  echo "${countersign_url%/orgs/*}"
}

# Prints the status. No settings of the user: they may want all of it printed.
countersign_curl() {
  curl -q --silent --show-error --globoff --proto =https,http --connect-timeout 10 --max-time 30 \
    --max-filesize 1048576 --write-out '%{http_code}' "$@"
}

# A member of the answer that is text.
countersign_field() {
  sed -n -E 's/.*"'"$1"'" *: *"(([^"\\]|\\.)*)".*/\1/p' "$folder/answer" | head -n 1 | cut -c 1-65536
}

countersign_fail() {
  echo "countersign: $1" >&2
  return 1
}
