"""What `--help` says. A paragraph that begins with a backspace keeps its lines as they are."""

OWN_LINES = "\b"

PROGRAM = f"""Judge Azure AI resources against the organisation's requirements.

Reads Azure OpenAI and AI Foundry accounts, their deployments, and Azure Machine Learning workspaces
from files of ARM JSON, and says where prompts may be processed or stored, and who can reach a
model, other than they should.

{OWN_LINES}
Begin with:
  az cognitiveservices account list | cli.py check -
  cli.py controls
"""

STATUS = f"""{OWN_LINES}
Exit status:
  0  the command did its work
  2  unusable input, store or usage
"""

ESTATE_STATUS = f"""{OWN_LINES}
Exit status:
  0  the command did its work, whatever it found
  2  unusable usage, store or input; what is usable of the input is judged,
     but nothing when the estate cannot be listed or holds no .json file
"""

DOCTOR_STATUS = f"""{OWN_LINES}
Exit status:
  0  no fault found; a warning is none
  1  a fault found
  2  unusable usage
"""

CHECK = f"""Judge ARM JSON files as they are, now and once.

PATH is a file, a folder of .json files, or - for standard input. Understood are one resource, an
array, a list answer, Azure Resource Graph results, examples of the REST specification, and what
az … show and az … list print. Resources given in one call see each other: give an account together
with its deployments.

{OWN_LINES}
Examples:
  cli.py check account.json deployments.json
  cli.py check export/ --format json > result.json
  az cognitiveservices account list | cli.py check - --fail-on critical
"""

CHECK_STATUS = f"""{OWN_LINES}
Exit status:
  0  nothing failing at or above --fail-on (unknown alone is no failure)
  1  something failing at or above --fail-on
  2  unusable usage or input; what is usable of the input is judged
"""

REPLAY = f"""Put recorded events through the whole pipeline.

EVENTS are files of Event Grid or CloudEvents messages, or of Activity Log rows: an array, one
event, or JSON lines; - is standard input. Each change leads to a look at its resource in the
estate, a folder of ARM JSON, and what went wrong or was put right since the last look is told.

Without --store the run begins from nothing, and what it finds is forgotten at its end.

{OWN_LINES}
Examples:
  cli.py replay events.json --estate estate/
  cli.py replay day-1.json --estate estate/ --store monitor.db
  cli.py replay - --estate estate/ --format json < events.jsonl
"""

SWEEP = f"""Look at every resource of an estate.

Events can be missed, and some changes send none: a sweep finds what they did not tell.

Without --deep it reads the core: the roots themselves and their deployments. With --deep it also
reads what is read once a day: perimeters, managed networks, connections, content filters and
the like. Until that was read, the controls that judge it are unknown.

The first sweep of a subscription is its baseline: one alert tells of all that it found. Later ones
tell what changed. Without --store every sweep is a first one.

{OWN_LINES}
Examples:
  cli.py sweep --estate estate/
  cli.py sweep --estate estate/ --deep --store monitor.db --format json
"""

ALERTS = f"""Show what alerted, newest first.

Reads the store that replay and sweep keep with --store. With --state, findings that a first sweep
recorded without an alert each are shown too.

{OWN_LINES}
Examples:
  cli.py alerts --since 7d --severity critical --severity high
  cli.py alerts --since all --state open --resource contoso-openai
  cli.py alerts --control deployment_type.sku_allowed --format json
"""

CONTROLS = f"""List the controls, or explain one.

{OWN_LINES}
Examples:
  cli.py controls
  cli.py controls deployment_type.sku_allowed
  cli.py controls --format json
"""

DOCTOR = f"""Check whether the monitor is fit for its work.

What Microsoft's pages say of SKUs, regions and models is in data tables, each with a date. One that
is older than 180 days is a warning: renew it. One that cannot be read is a fault.

{OWN_LINES}
Examples:
  cli.py doctor
  cli.py doctor --format json
"""
