"""google-auth as an application has it. Prints one JSON object in which there is no token.

google_auth.py CONFIG USERINFO_URL TOKEN_FILE NEXT_TOKEN: NEXT_TOKEN is what the platform writes into TOKEN_FILE later.
"""

import base64
import datetime
import json
import sys
from concurrent.futures import ThreadPoolExecutor

import google.auth
from google.auth import exceptions, identity_pool
from google.auth.transport.requests import AuthorizedSession, Request

config, userinfo, token_file, next_token = sys.argv[1:]


def claims(token):
    body = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))


def utcnow():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


said = {}
credentials = identity_pool.Credentials.from_file(config)
said["valid_before"] = credentials.valid
credentials.refresh(Request())
said["valid_after"] = credentials.valid
said["lifetime"] = round((credentials.expiry - utcnow()).total_seconds())
said["scope"] = claims(credentials.token)["scope"]

# What is good is used again, by many threads too.
first = credentials.token
session = AuthorizedSession(credentials)
with ThreadPoolExecutor(8) as pool:
    answers = list(pool.map(lambda _: session.get(userinfo), range(16)))
said["statuses"] = sorted({answer.status_code for answer in answers})
said["name"] = answers[0].json()["name"]
said["kept"] = credentials.token == first

# What is about to end is renewed by itself, from the file as it is then.
with open(token_file, "w") as file:
    file.write(next_token + "\n")
credentials.expiry = utcnow() + datetime.timedelta(minutes=3)
said["name_of_next"] = session.get(userinfo).json()["name"]
said["renewed"] = credentials.token != first

# A scope of the application's own, and Google's default, which means nothing here.
scoped = identity_pool.Credentials.from_file(config, scopes=["projects:read"])
scoped.refresh(Request())
said["narrow_scope"] = claims(scoped.token)["scope"]
default, project = google.auth.load_credentials_from_file(
    config, scopes=["https://www.googleapis.com/auth/cloud-platform"]
)
default.refresh(Request())
said["default_scope"] = claims(default.token)["scope"]

# A token that somebody has changed.
with open(token_file, "w") as file:
    signed, _, signature = next_token.rpartition(".")
    file.write(f"{signed}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}")
try:
    identity_pool.Credentials.from_file(config).refresh(Request())
except exceptions.OAuthError as error:
    said["refused"] = str(error)

print(json.dumps(said))
