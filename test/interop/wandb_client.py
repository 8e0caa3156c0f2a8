"""wandb's Public API and its own check of an API key. Prints one JSON object in which there is no credential.

wandb_client.py [KEY]
"""

import json
import sys

import wandb
from wandb.sdk.lib.wbauth.validation import check_api_key

api = wandb.Api()
viewer = api.viewer
said = {
    "username": viewer.username,
    "name": viewer.name,
    "email": viewer.email,
    "entity": viewer.entity,
    "teams": viewer.teams,
    "default_entity": api.default_entity,
}
if len(sys.argv) > 1:
    said["objection"] = check_api_key(sys.argv[1])
print(json.dumps(said))
