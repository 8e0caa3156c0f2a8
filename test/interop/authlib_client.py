"""Authlib as an application has it: both its sessions, every grant. Prints one JSON object in which there is no token.

authlib_client.py TOKEN_ENDPOINT USERINFO_URL REVOCATION_ENDPOINT INTROSPECTION_ENDPOINT: reads SUBJECT_TOKEN, API_KEY and SERVER_KEY.
"""

import asyncio
import json
import os
import sys

from authlib.integrations.base_client import InvalidTokenError, OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.requests_client import OAuth2Session

token_endpoint, userinfo, revocation, introspection = sys.argv[1:]
subject_token = os.environ["SUBJECT_TOKEN"]
api_key = os.environ["API_KEY"]

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
exchange = {
    "grant_type": TOKEN_EXCHANGE,
    "subject_token": subject_token,
    "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
}
said = {}


def shape(token):
    return [token["token_type"], token["expires_in"], token["scope"]]


# Nobody's client: the subject token is the proof.
session = OAuth2Session()
token = session.fetch_token(token_endpoint, grant_type=JWT_BEARER, assertion=subject_token)
said["jwt_bearer"] = [*shape(token), session.get(userinfo).json()["name"]]
session.token = {**token, "expires_at": 1}
try:
    session.get(userinfo)
except InvalidTokenError:
    said["ended"] = "InvalidTokenError"

session = OAuth2Session("any-client", scope="projects:read", token_endpoint_auth_method="none")
token = session.fetch_token(token_endpoint, **exchange)
said["token_exchange"] = [*shape(token), session.get(userinfo).json()["name"]]

# An API key as the client's secret, by header and in the body; renewed by itself.
for method in ["client_secret_basic", "client_secret_post"]:
    session = OAuth2Session(
        "api",
        api_key,
        token_endpoint_auth_method=method,
        token_endpoint=token_endpoint,
        grant_type="client_credentials",
    )
    first = session.fetch_token()
    name = session.get(userinfo).json()["name"]
    session.token = {**first, "expires_at": 1}
    session.get(userinfo).raise_for_status()
    said[method] = [*shape(first), name, session.token["access_token"] != first["access_token"]]


async def with_httpx():
    async with AsyncOAuth2Client() as client:
        token = await client.fetch_token(token_endpoint, grant_type=JWT_BEARER, assertion=subject_token)
        answer = await client.get(userinfo)
        return [*shape(token), answer.json()["name"]]


said["httpx"] = asyncio.run(with_httpx())

# The end of a token, as an API sees it.
api = OAuth2Session("api", os.environ["SERVER_KEY"])
ended = token["access_token"]
active = lambda: api.introspect_token(introspection, ended).json()["active"]
said["active"] = [active(), session.revoke_token(revocation, ended).status_code, active()]


def refusal(ask):
    try:
        ask()
    except OAuthError as error:
        return [error.error, error.description]


said["refused"] = [
    refusal(lambda: OAuth2Session().fetch_token(token_endpoint, grant_type=JWT_BEARER, assertion="no.jwt.atall")),
    refusal(lambda: OAuth2Session().fetch_token(token_endpoint, **{**exchange, "subject_token": subject_token[:-8]})),
    refusal(
        lambda: OAuth2Session("api", "csk_wrong").fetch_token(token_endpoint, grant_type="client_credentials")
    ),
]

print(json.dumps(said))
