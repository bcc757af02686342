"""boto3's clients, imported when first needed: no other part of lanecrypt has boto3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 5
READ_SECONDS = 20
ATTEMPTS = 8  # of a whole request, with botocore's back-off: about a minute of 503 SlowDown


def _config(attempts: int, connections: int) -> Any:
    from botocore.config import Config

    return Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        max_pool_connections=connections,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )


def s3() -> S3Client:
    import boto3

    return boto3.client("s3", config=_config(ATTEMPTS, 4))


def lambda_() -> LambdaClient:
    import boto3

    return boto3.client("lambda", config=_config(ATTEMPTS, 2))


def sqs(connections: int) -> SQSClient:
    """Without retries of its own: some of a batch may have come through, and delivery tries again itself."""
    import boto3

    return boto3.client("sqs", config=_config(1, connections))


def dynamodb(connections: int) -> DynamoDBClient:
    import boto3

    return boto3.client("dynamodb", config=_config(1, connections))
