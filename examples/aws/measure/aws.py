"""The functions of a deployed stack, called through boto3, and what their stack, metrics and logs say of them.

Credentials, region and endpoints are boto3's own matter: AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_LAMBDA and the like.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3
from botocore import exceptions
from botocore.config import Config

from .failure import Unreachable
from .reports import last
from .targets import BOOTSTRAP, CROWBAR, OTHER, Function, Invocation, invocation

if TYPE_CHECKING:
    from botocore.credentials import Credentials
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

KINDS = {"bootstrap": BOOTSTRAP, "liblambda.handler": CROWBAR}
THROTTLED = {"TooManyRequestsException", "ThrottlingException", "Throttling", "RequestLimitExceeded", "SlowDown"}
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
BAD_CREDENTIALS = {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}
SIGN_IN = (
    "sign in (`aws configure`, `aws sso login`), or name a profile with --profile; without AWS, --local measures here"
)


@contextlib.contextmanager
def told_clearly(what: str) -> Iterator[None]:
    """What boto3 raises, as one sentence that begins with what was tried."""
    try:
        yield
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.TokenRetrievalError) as error:
        raise Unreachable(f"{what}: no AWS credentials; {SIGN_IN}") from error
    except exceptions.NoRegionError as error:
        raise Unreachable(f"{what}: no region; name one with --region or AWS_REGION") from error
    except exceptions.ClientError as error:
        raise Unreachable(f"{what}: {_reason(error)}") from error
    except exceptions.BotoCoreError as error:
        raise Unreachable(f"{what}: {error}") from error


def _reason(error: exceptions.ClientError) -> str:
    code = error.response.get("Error", {}).get("Code", "")
    message = error.response.get("Error", {}).get("Message", "")
    if code in THROTTLED:
        tries = error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) + 1
        return (
            f"throttled {tries} times ({code}); is the function's reserved concurrency in use elsewhere?"
            " --attempts tries more often"
        )
    if code in BAD_CREDENTIALS:
        return f"AWS does not accept the credentials ({code}); {SIGN_IN}"
    if code in DENIED:
        return f"not allowed ({code}): {message}"
    return f"{message} ({code})"


@dataclass
class AwsSession:
    client: LambdaClient
    function: Function

    def invoke(self, event: bytes) -> Invocation:
        started = time.perf_counter()
        with told_clearly(f"cannot invoke {self.function.name}"):
            response = self.client.invoke(FunctionName=self.function.name, Payload=event, LogType="Tail")
            body = response["Payload"].read()
        elapsed = (time.perf_counter() - started) * 1e3
        tail = base64.b64decode(response.get("LogResult", "")).decode(errors="replace")
        return invocation(body, "FunctionError" in response, elapsed, last(tail.splitlines()))

    def thread_ms(self) -> dict[str, tuple[float, float]]:
        return {}

    def peak_mb(self) -> float | None:
        return None


class AwsTarget:
    """`stack` is the CloudFormation stack whose functions are meant. Raises Unreachable."""

    label = "aws"

    def __init__(self, stack: str, profile: str | None = None, region: str | None = None, attempts: int = 8) -> None:
        self.stack = stack
        self.left_out: list[tuple[str, str]] = []
        # A synchronous call may take Lambda's fifteen minutes. Asking again sooner would only do the work twice.
        config = Config(
            read_timeout=910, tcp_keepalive=True, retries={"mode": "standard", "total_max_attempts": attempts}
        )
        with told_clearly("cannot use AWS"):
            session = boto3.Session(profile_name=profile, region_name=region)
            self._formation: CloudFormationClient = session.client("cloudformation", config=config)
            self._lambda: LambdaClient = session.client("lambda", config=config)
        self._session, self._config = session, config
        self._functions: list[Function] | None = None
        self._log_groups: dict[str, str] = {}

    @functools.cached_property
    def cloudwatch(self) -> CloudWatchClient:
        return self._session.client("cloudwatch", config=self._config)

    @functools.cached_property
    def logs(self) -> CloudWatchLogsClient:
        return self._session.client("logs", config=self._config)

    def functions(self) -> list[Function]:
        if self._functions is None:
            found = [self._function(name) for name in self._names()]
            self.left_out = [(name, f"its handler {text} takes other events") for _, name, text in found if text]
            self._functions = [function for function, _, text in found if function and not text]
        return self._functions

    def _names(self) -> list[str]:
        names = []
        with told_clearly(f"cannot read the stack {self.stack}"):
            for page in self._formation.get_paginator("list_stack_resources").paginate(StackName=self.stack):
                for resource in page["StackResourceSummaries"]:
                    if resource["ResourceType"] == "AWS::Lambda::Function":
                        names.append(resource.get("PhysicalResourceId", ""))
        if not any(names):
            raise Unreachable(f"the stack {self.stack} has no Lambda function; --stack names another one")
        return sorted(filter(None, names))

    def _function(self, name: str) -> tuple[Function | None, str, str | None]:
        """The function, its name, and its handler if that is none of ours."""
        with told_clearly(f"cannot read the configuration of {name}"):
            found = self._lambda.get_function_configuration(FunctionName=name)
        self._log_groups[name] = found.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}")
        handler = found.get("Handler", "")
        kind = KINDS.get(handler, OTHER)
        workers = found.get("Environment", {}).get("Variables", {}).get("WORKER_COUNT", "")
        architecture = found.get("Architectures", ["x86_64"])[0]
        count = int(workers) if workers.isascii() and workers.isdigit() else None
        return Function(name, kind, architecture, found["MemorySize"], count), name, handler if kind == OTHER else None

    def log_group(self, function: Function) -> str:
        return self._log_groups[function.name]

    def urls(self) -> list[str]:
        """Where it answers HTTP: the stack's outputs that have ApiUrl or FunctionUrl in their names."""
        with told_clearly(f"cannot read the stack {self.stack}"):
            outputs = self._formation.describe_stacks(StackName=self.stack)["Stacks"][0].get("Outputs", [])
        found = {output.get("OutputKey", ""): output.get("OutputValue", "") for output in outputs}
        return [value for key, value in sorted(found.items()) if ("ApiUrl" in key or "FunctionUrl" in key)]

    def credentials(self) -> Credentials | None:
        with told_clearly("cannot sign requests"):
            return self._session.get_credentials()

    @contextlib.contextmanager
    def open(self, function: Function) -> Iterator[AwsSession]:
        yield AwsSession(self._lambda, function)

    def processors(self, function: Function) -> float:
        configuration = function.configuration
        assert configuration is not None
        return min(configuration.vcpus, configuration.workers)
