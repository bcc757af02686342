"""Handlers for AWS Lambda's Python runtimes: passwords from S3, SQS and Kinesis in, hashes to S3, SQS and DynamoDB out.

objects     CSV and NDJSON objects of S3: streamed in, hashed or verified, streamed out, gone on with after a crash
records     SQS and Kinesis records: computed as one batch, delivered to a queue, a table, or both

Transfers run in threads beside the computation, which takes every core. What each handler needs in its environment and
what it promises stands in its own docstring. boto3 is the runtime's own; nothing else of lanecrypt needs it, and
``import lanecrypt`` imports nothing of this. No log line and no error text holds a password, a hash or a payload.
"""
