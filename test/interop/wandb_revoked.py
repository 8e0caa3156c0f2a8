"""A run whose access token is revoked while it goes on.

wandb_revoked.py REVOCATION_ENDPOINT
"""

import json
import os
import sys

import requests
import wandb

run = wandb.init(project="vision")
with open(os.environ["WANDB_CREDENTIALS_FILE"]) as file:
    [kept] = json.load(file)["credentials"].values()
requests.post(sys.argv[1], data={"token": kept["access_token"]}).raise_for_status()
run.log({"loss": 1})
run.finish()
