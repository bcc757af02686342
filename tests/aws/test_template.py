"""examples/aws/template.yaml: what every function, queue, stream, table and file must have, and who may do what.

Whether the template is well formed at all is asked of AWS's own tools in test_template_tools.py.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.aws.conftest import Template

# What ./dev package makes.
ARTIFACTS = {
    "lanecrypt-bootstrap-x86_64.zip": ("provided.al2023", "x86_64"),
    "lanecrypt-bootstrap-arm64.zip": ("provided.al2023", "arm64"),
    "lanecrypt-crowbar-py313-x86_64.zip": ("python3.13", "x86_64"),
    "lanecrypt-layer-py313-x86_64.zip": ("python3.13", "x86_64"),
}
# The sample's, by WORKER_COUNT.
MEMORY = {1: 1536, 2: 2048, 3: 4096, 4: 6144, 5: 8192, 6: 10240}
CONFIGURATIONS = [(arch, workers) for arch in ("arm64", "x86_64") for workers in MEMORY]

# Statements that may name all resources, each with its reason.
ALL_RESOURCES = {
    ("DataKey", "TheAccountDecidesByIam"): "in a key's policy * is the key",
    ("DataKey", "LogsOfTheStateMachine"): "in a key's policy * is the key",
    ("LogKey", "TheAccountDecidesByIam"): "in a key's policy * is the key",
    ("LogKey", "OurLogGroups"): "in a key's policy * is the key",
    ("QueuesOverTls", "TlsOnly"): "in a queue's policy * is the queue, and it denies",
    ("MapRole", "LogDelivery"): "log delivery knows no resources",
}
WITH_POLICIES = {"AWS::IAM::Role", "AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy"}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def ref(name: str) -> dict[str, str]:
    return {"Ref": name}


def arn(name: str) -> dict[str, list[str]]:
    return {"Fn::GetAtt": [name, "Arn"]}


def alarms_of(template: Template, metric: str) -> list[Any]:
    """The values of the dimensions that alarms on a metric have."""
    alarms = template.of_type("AWS::CloudWatch::Alarm")
    return [alarm["Dimensions"][0]["Value"] for _, alarm in alarms if alarm["MetricName"] == metric]


# ---- The twelve configurations


@pytest.mark.parametrize(("arch", "workers"), CONFIGURATIONS)
def test_configuration_is_the_samples(template: Template, arch: str, workers: int) -> None:
    memory = MEMORY[workers]
    name = f"lanecrypt-bench-{arch.removesuffix('_64')}-{workers}vcpu-{memory}mb"
    found = [each for each in template.functions.values() if template.text_of(each["FunctionName"]) == name]
    assert len(found) == 1, name
    function = found[0]
    assert (function["MemorySize"], function["Architectures"]) == (memory, [arch])
    assert function["Environment"]["Variables"]["WORKER_COUNT"] == str(workers)
    assert function["CodeUri"].endswith(f"/lanecrypt-bootstrap-{arch}.zip")
    assert (function["Timeout"], function["ReservedConcurrentExecutions"]) == (30, 10)


def test_configurations_can_be_left_out(template: Template) -> None:
    names = {name for name in template.resources if name.startswith("Bench")}
    assert sum(template.resources[name]["Type"] == "AWS::Serverless::Function" for name in names) == 12
    assert {name for name in names if template.resources[name].get("Condition") != "WithBenchmarks"} == set()
    always = {name: each for name, each in template.resources.items() if name not in names}
    assert re.findall(r'"Bench[A-Z]\w+"', json.dumps(always)) == [], "what is always there may not need them"
    assert template.body["Parameters"]["Benchmarks"]["AllowedValues"] == ["yes", "no"]


# ---- Functions


def test_threads_sleep_between_batches_and_costs_have_a_ceiling(template: Template) -> None:
    for name, function in template.functions.items():
        variables = function["Environment"]["Variables"]
        assert variables["OMP_WAIT_POLICY"] == "PASSIVE", name
        assert variables["LANECRYPT_MAX_COST"] == ref("MaxCost"), name
    assert template.body["Parameters"]["MaxCost"]["Default"] == 14


def test_every_function_has_a_log_group_that_forgets(template: Template) -> None:
    for name, function in template.functions.items():
        logging = function["LoggingConfig"]
        assert logging["LogFormat"] == "JSON", name
        group = template.resources[logging["LogGroup"]["Ref"]]["Properties"]
        own_name = template.text_of(function["FunctionName"])
        assert template.text_of(group["LogGroupName"]) == f"/aws/lambda/{own_name}"


def test_every_log_group_is_encrypted_and_forgets(template: Template) -> None:
    groups = template.of_type("AWS::Logs::LogGroup")
    assert len(groups) == len(template.functions) + 3  # HTTP API, Pipe, state machine
    for name, group in groups:
        assert group["RetentionInDays"] == ref("LogRetentionDays"), name
        assert group["KmsKeyId"] == arn("LogKey"), name


def test_every_function_has_alarms(template: Template) -> None:
    errors, throttles = alarms_of(template, "Errors"), alarms_of(template, "Throttles")
    for name in template.functions:
        assert ref(name) in errors, name
        assert ref(name) in throttles or name.startswith("Bench"), name


def test_every_function_has_its_own_role_and_a_limit(template: Template) -> None:
    roles = {name: function["Role"]["Fn::GetAtt"][0] for name, function in template.functions.items()}
    shared = {name for name, role in roles.items() if list(roles.values()).count(role) > 1}
    assert {name for name in shared if not name.startswith("Bench")} == set()
    for name, function in template.functions.items():
        assert "Policies" not in function, f"{name}: SAM would attach managed policies beside"
        assert "ReservedConcurrentExecutions" in function, name


def test_deployments_can_be_taken_back(template: Template) -> None:
    for name, function in template.functions.items():
        if not name.startswith("Bench"):
            assert (function["AutoPublishAlias"], function["AutoPublishAliasAllProperties"]) == ("live", True), name
    for name, layer in template.of_type("AWS::Serverless::LayerVersion"):
        assert layer["RetentionPolicy"] == "Retain", name


def test_code_is_what_package_makes(template: Template, folder: Path) -> None:
    for name, function in template.functions.items():
        code = folder / function["CodeUri"]
        if code.suffix == ".zip":
            assert code.resolve() == (folder / "../../dist").resolve() / code.name, name
            assert (function["Runtime"], *function["Architectures"]) == ARTIFACTS[code.name], name
        else:
            assert_handler_of_the_layer(code, function["Handler"])
    layers = dict(template.of_type("AWS::Serverless::LayerVersion"))
    (layer,) = layers.values()
    made_for = ARTIFACTS[Path(layer["ContentUri"]).name]
    assert ([made_for[0]], [made_for[1]]) == (layer["CompatibleRuntimes"], layer["CompatibleArchitectures"])
    with_layer = [each for each in template.functions.values() if "Layers" in each]
    assert {(each["Runtime"], *each["Architectures"]) for each in with_layer} == {made_for}


def assert_handler_of_the_layer(code: Path, handler: str) -> None:
    module, name = handler.split(".")
    imports = [each for each in ast.parse((code / f"{module}.py").read_text()).body if isinstance(each, ast.ImportFrom)]
    assert [(each.module, [alias.name for alias in each.names]) for each in imports] == [
        (f"lanecrypt.aws.{module}", [name])
    ]


def test_nothing_in_the_template_is_secret(template: Template) -> None:
    known = {"OMP_WAIT_POLICY", "LANECRYPT_MAX_COST", "WORKER_COUNT"}
    known |= {"LANECRYPT_DESTINATION_QUEUE", "LANECRYPT_DESTINATION_TABLE", "LANECRYPT_OUTPUT_BUCKET"}
    for name, function in template.functions.items():
        variables = function["Environment"]["Variables"]
        assert set(variables) <= known, name
        assert all(isinstance(each, dict) or each in {"PASSIVE", *"123456"} for each in variables.values()), name
    text = json.dumps(template.body)
    assert re.findall(r"AKIA[0-9A-Z]{16}|\$2[abxy]\$\d\d\$|-----BEGIN|NoEcho", text) == []


# ---- Who may do what


def test_no_statement_names_all_resources_without_a_reason(template: Template) -> None:
    found = set()
    for name, each in template.resources.items():
        if each["Type"] in WITH_POLICIES:
            statements = template.statements(name)
            found |= {(name, one.get("Sid")) for one in statements if "*" in as_list(one["Resource"])}
    assert found == set(ALL_RESOURCES)


def test_no_role_may_do_everything_of_a_service(template: Template) -> None:
    for name, role in template.of_type("AWS::IAM::Role"):
        assert "ManagedPolicyArns" not in role, name
        for statement in template.statements(name):
            wide = [each for each in as_list(statement["Action"]) if re.fullmatch(r"\*|\w+:\*", each)]
            assert wide == [], name


@pytest.mark.parametrize("role", ["NativeRole", "CrowbarRole", "BenchRole"])
def test_hashing_functions_may_write_their_logs_and_nothing_else(template: Template, role: str) -> None:
    (statement,) = template.statements(role)
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert "/aws/lambda/" in json.dumps(statement["Resource"]) or statement["Resource"] == arn(
        role.replace("Role", "Log")
    )


@pytest.mark.parametrize(
    ("role", "action", "resource"),
    [
        ("RecordsRole", "sqs:ReceiveMessage", "RequestsQueue"),
        ("RecordsRole", "kinesis:GetRecords", "RequestsStream"),
        ("RecordsRole", "sqs:SendMessage", "ResultsQueue"),
        ("RecordsRole", "sqs:SendMessage", "StreamDeadLetterQueue"),
        ("RecordsRole", "dynamodb:PutItem", "ResultsTable"),
        ("PipeRole", "kinesis:GetRecords", "RequestsStream"),
        ("PipeRole", "lambda:InvokeFunction", "NativeFunction.Alias"),
        ("PipeRole", "sqs:SendMessage", "ResultsQueue"),
        ("PipeRole", "sqs:SendMessage", "StreamDeadLetterQueue"),
        ("ObjectsRole", "s3:GetObject", "InputBucket"),
        ("ObjectsRole", "s3:PutObject", "ResultsBucket"),
        ("ObjectsRole", "sqs:SendMessage", "ObjectsDeadLetterQueue"),
        ("ObjectsRole", "lambda:InvokeFunction", "${Prefix}-objects:live"),
        ("MapRole", "lambda:InvokeFunction", "NativeFunction.Alias"),
        ("MapRole", "s3:GetObject", "InputBucket"),
        ("MapRole", "s3:PutObject", "ResultsBucket"),
    ],
)
def test_role_may_do_what_its_work_needs(template: Template, role: str, action: str, resource: str) -> None:
    named = [json.dumps(one["Resource"]) for one in template.statements(role) if action in as_list(one["Action"])]
    assert any(resource in text for text in named)
    keys = [one for one in template.statements(role) if "kms:Decrypt" in as_list(one["Action"])]
    assert {json.dumps(one["Resource"]) for one in keys} == {json.dumps(arn("DataKey"))}, "all of it is encrypted"


def test_http_wants_signatures(template: Template) -> None:
    api = template.resources["HttpApi"]["Properties"]
    assert api["Auth"] == {"EnableIamAuthorizer": True, "DefaultAuthorizer": "AWS_IAM"}
    assert api["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
    native = template.functions["NativeFunction"]
    events = [event["Properties"] for event in native["Events"].values()]
    assert all("Auth" not in event for event in events)
    routes = {(event["Method"], event["Path"]) for event in events}
    assert routes == {("POST", "/"), ("POST", "/hash"), ("POST", "/verify"), ("GET", "/health")}
    assert native["Timeout"] < 30, "HTTP APIs wait no longer"
    urls = {
        name: each["FunctionUrlConfig"]["AuthType"]
        for name, each in template.functions.items()
        if "FunctionUrlConfig" in each
    }
    assert urls == {"NativeFunction": "AWS_IAM"}


# ---- Data


def test_keys_turn_and_outlive_what_they_encrypt(template: Template) -> None:
    for name, key in template.of_type("AWS::KMS::Key"):
        assert key["EnableKeyRotation"] is True, name
    for name, each in template.resources.items():
        if each["Type"] in {"AWS::KMS::Key", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::DynamoDB::Table"}:
            assert (each["DeletionPolicy"], each["UpdateReplacePolicy"]) == ("Retain", "Retain"), name
        if each["Type"] in {"AWS::SQS::Queue", "AWS::Kinesis::Stream", "AWS::Logs::LogGroup"}:
            assert each["DeletionPolicy"] == "Delete", f"{name}: what is on its way ends with the stack, and says so"


def test_everything_at_rest_is_encrypted_with_our_key(template: Template) -> None:
    for name, queue in template.of_type("AWS::SQS::Queue"):
        assert queue["KmsMasterKeyId"] == arn("DataKey"), name
    for name, stream in template.of_type("AWS::Kinesis::Stream"):
        assert stream["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": arn("DataKey")}, name
    for name, table in template.of_type("AWS::DynamoDB::Table"):
        expected = {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": arn("DataKey")}
        assert table["SSESpecification"] == expected, name
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        expected = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn("DataKey")}
        assert rule["ServerSideEncryptionByDefault"] == expected, name
    machine = template.resources["MapStateMachine"]["Properties"]["EncryptionConfiguration"]
    assert (machine["Type"], machine["KmsKeyId"]) == ("CUSTOMER_MANAGED_KMS_KEY", arn("DataKey"))


def test_nothing_is_reached_without_tls_or_by_the_public(template: Template) -> None:
    queues = template.resources["QueuesOverTls"]["Properties"]["Queues"]
    assert [each["Ref"] for each in queues] == [name for name, _ in template.of_type("AWS::SQS::Queue")]
    buckets = {each["Bucket"]["Ref"] for _, each in template.of_type("AWS::S3::BucketPolicy")}
    assert buckets == {name for name, _ in template.of_type("AWS::S3::Bucket")}
    for name in ["QueuesOverTls", *(name for name, _ in template.of_type("AWS::S3::BucketPolicy"))]:
        (statement,) = template.statements(name)
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*"), name
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}, name
    for name, bucket in template.of_type("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}, name
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4, name


def test_plaintext_goes_by_itself(template: Template) -> None:
    for name, prefix in (("InputBucket", None), ("ResultsBucket", "maps/")):
        rules = template.resources[name]["Properties"]["LifecycleConfiguration"]["Rules"]
        expired = [rule for rule in rules if rule.get("ExpirationInDays") == ref("PlaintextDays")]
        assert [(rule["Status"], rule.get("Prefix")) for rule in expired] == [("Enabled", prefix)], name
        assert any("AbortIncompleteMultipartUpload" in rule for rule in rules), name
        assert "VersioningConfiguration" not in template.resources[name]["Properties"], (
            "an old version is plaintext too"
        )


def test_execution_data_stays_out_of_logs(template: Template) -> None:
    machine = template.resources["MapStateMachine"]["Properties"]["LoggingConfiguration"]
    assert (machine["IncludeExecutionData"], machine["Level"]) == (False, "ERROR")
    pipe = template.resources["HashPipe"]["Properties"]["LogConfiguration"]
    assert (set(pipe), pipe["Level"]) == ({"Level", "CloudwatchLogsLogDestination"}, "ERROR")
    access = template.resources["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]
    logged = set(re.findall(r"\$context\.([\w.]+)", access))
    assert {"requestId", "status", "routeKey"} <= logged
    assert not {name for name in logged if re.search("body|header|authorizer|query|path", name, re.IGNORECASE)}


def test_what_fails_for_good_is_kept_and_told(template: Template) -> None:
    queues = dict(template.of_type("AWS::SQS::Queue"))
    dead = {name for name in queues if name.endswith("DeadLetterQueue")}
    for name in queues.keys() - dead:
        policy = queues[name]["RedrivePolicy"]
        assert policy["deadLetterTargetArn"]["Fn::GetAtt"][0] in dead, name
        assert 1 < policy["maxReceiveCount"] <= 10, name
    seen = alarms_of(template, "ApproximateNumberOfMessagesVisible")
    for name in dead:
        assert {"Fn::GetAtt": [name, "QueueName"]} in seen, name
        assert int(str(queues[name]["MessageRetentionPeriod"])) == 14 * 86400, name
    pipe = template.resources["HashPipe"]["Properties"]["SourceParameters"]["KinesisStreamParameters"]
    assert pipe["DeadLetterConfig"] == {"Arn": arn("StreamDeadLetterQueue")}
    objects = template.functions["ObjectsFunction"]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]
    assert objects == {"Type": "SQS", "Destination": arn("ObjectsDeadLetterQueue")}


def test_one_poisoned_record_spoils_no_batch(template: Template) -> None:
    function = template.functions["RecordsFunction"]
    queue, stream = (function["Events"][name]["Properties"] for name in ("FromQueue", "FromStream"))
    assert queue["FunctionResponseTypes"] == stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert stream["DestinationConfig"] == {"OnFailure": {"Destination": arn("StreamDeadLetterQueue")}}
    assert 0 < stream["MaximumRetryAttempts"] <= 10, "without an end, one record would stop its shard for a day"
    pipe = template.resources["HashPipe"]["Properties"]
    parameters = pipe["SourceParameters"]["KinesisStreamParameters"]
    assert parameters["OnPartialBatchItemFailure"] == "AUTOMATIC_BISECT"
    assert parameters["BatchSize"] <= 10, "SQS takes ten messages at a time"
    assert (pipe["Enrichment"], pipe["Target"]) == (ref("NativeFunction.Alias"), arn("ResultsQueue"))
    source = template.resources["RequestsQueue"]["Properties"]
    assert source["VisibilityTimeout"] >= 6 * function["Timeout"], "or a batch that takes long is done twice"


@pytest.mark.parametrize("consumer", ["function", "pipe"])
def test_the_stream_has_exactly_one_reader(template: Template, consumer: str) -> None:
    def chosen(value: dict[str, list[Any]]) -> Any:
        condition, yes, no = value["Fn::If"]
        assert template.body["Conditions"][condition] == {"Fn::Equals": [ref("StreamConsumer"), "function"]}
        return yes if consumer == "function" else no

    reads = template.functions["RecordsFunction"]["Events"]["FromStream"]["Properties"]["Enabled"]
    pipe = template.resources["HashPipe"]["Properties"]["DesiredState"]
    assert chosen(reads) is (consumer == "function")
    assert chosen(pipe) == ("RUNNING" if consumer == "pipe" else "STOPPED")


def test_results_of_the_records_function_have_a_place(template: Template) -> None:
    variables = template.functions["RecordsFunction"]["Environment"]["Variables"]
    assert variables["LANECRYPT_DESTINATION_QUEUE"] == ref("ResultsQueue"), "Ref of a queue is its URL"
    assert variables["LANECRYPT_DESTINATION_TABLE"] == ref("ResultsTable"), "Ref of a table is its name"


def test_objects_are_hashed_as_they_arrive_and_maps_inputs_are_not(template: Template) -> None:
    function = template.functions["ObjectsFunction"]
    bucket = template.resources["InputBucket"]["Properties"]["NotificationConfiguration"]
    assert bucket == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    pattern = function["Events"]["Created"]["Properties"]["Pattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    expected = {"bucket": {"name": [ref("InputBucket")]}, "object": {"key": [{"prefix": "objects/"}]}}
    assert pattern["detail"] == expected
    assert function["Environment"]["Variables"]["LANECRYPT_OUTPUT_BUCKET"] == ref("ResultsBucket")
    assert function["RecursiveLoop"] == "Allow", "or Lambda ends what goes on with a large object after 16 calls"


@pytest.mark.parametrize(
    ("metric", "value"),
    [
        ("ApproximateAgeOfOldestMessage", {"Fn::GetAtt": ["RequestsQueue", "QueueName"]}),
        ("ApproximateAgeOfOldestMessage", {"Fn::GetAtt": ["ResultsQueue", "QueueName"]}),
        ("GetRecords.IteratorAgeMilliseconds", ref("RequestsStream")),
        ("ExecutionFailed", ref("HashPipe")),
        ("ExecutionsFailed", ref("MapStateMachine")),
        ("ExecutionsTimedOut", ref("MapStateMachine")),
        ("5xx", ref("HttpApi")),
    ],
)
def test_alarm(template: Template, metric: str, value: dict[str, Any]) -> None:
    assert value in alarms_of(template, metric)


def test_alarms_tell_the_topic(template: Template) -> None:
    for name, alarm in template.of_type("AWS::CloudWatch::Alarm"):
        assert alarm["AlarmActions"] == {"Fn::If": ["HasAlarmTopic", [ref("AlarmTopicArn")], ref("AWS::NoValue")]}, name
        assert len(alarm["AlarmDescription"]) > 10, name
