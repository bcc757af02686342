"""What Lambda's console writes into a new Python function."""

import json


def lambda_handler(event: dict[str, object], context: object) -> dict[str, object]:  # noqa: ARG001
    return {"statusCode": 200, "body": json.dumps("Hello from Lambda!")}
