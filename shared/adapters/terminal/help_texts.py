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

MEMORY_STATUS = f"""{OWN_LINES}
Exit status:
  0  the command did its work
  2  unusable input, store, settings or usage; or Azure lets nobody in
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
  1  a fault found, or nothing is configured
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
  cli.py check export/ --format sarif > result.sarif
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

--sink also tells others of the alerts: webhook:URL posts them as JSON, signed with
COMPLIANCE_WEBHOOK_SECRET; teams:URL as cards to a workflow of a channel. event_grid:URL (a topic)
and log_analytics:URL/RULE-ID need a sign-in, as `sweep --subscription` does. Plain http is for this
machine alone. The run ends when every alert is told or parked, or --deliver-for is over.

{OWN_LINES}
Examples:
  cli.py replay events.json --estate estate/
  cli.py replay events.json --estate estate/ \\
      --sink webhook:http://127.0.0.1:8080/
  cli.py replay day-1.json --estate estate/ --store monitor.db
  cli.py replay - --estate estate/ --format json < events.jsonl
"""

SWEEP = f"""Look at every resource of an estate or of Azure subscriptions.

--subscription reads Azure itself with the credential that is found: a managed identity, the
environment's, or that of `az login`. The role Reader is enough. What may not be read is named with
the permission that is missing, and counts as unknown. COMPLIANCE_CLOUD=usgov or china chooses
another cloud.

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
  cli.py sweep --subscription 00000000-0000-0000-0000-000000000000 \\
      --store monitor.db
"""

SWEEP_STATUS = f"""{OWN_LINES}
Exit status:
  0  the command did its work, whatever it found
  2  unusable usage, settings, store or input, or no sign-in; what is usable
     of the input is judged, but nothing when the estate cannot be listed or
     holds no .json file
"""

_DEPLOYED = """--deployed works on what the deployed monitor remembers, in place of a file: in the
storage account that the settings COMPLIANCE_… of the function app name, as whoever is signed in
(`az login`). They need the role {role} on it. docs/alerts.md says how to
take the settings over."""
_TO_WRITE = _DEPLOYED.format(role="Storage Table Data Contributor")
_TO_READ = _DEPLOYED.format(role="Storage Table Data Reader")

ALERTS = f"""Show what alerted, newest first.

Reads the store that replay and sweep keep with --store. With --state, findings that a first sweep
recorded without an alert each are shown too.

--workspace asks Log Analytics, where a deployed monitor writes its alerts, as whoever is signed in
(`az login`). The role Log Analytics Reader on the workspace is enough. An alert is there some
minutes after it was sent.

{_TO_READ} With it, --history and --parked are known too.

{OWN_LINES}
Examples:
  cli.py alerts --since 7d --severity critical --severity high
  cli.py alerts --since all --state open --resource contoso-openai
  cli.py alerts --control deployment_type.sku_allowed --format json
  cli.py alerts --since 1h --format ocsf
  cli.py alerts --since all --history --resource contoso-openai
  cli.py alerts --parked
  cli.py alerts --deployed --state open --since all
  cli.py alerts --workspace 00000000-0000-0000-0000-000000000000 --since 7d
"""

ACKNOWLEDGE = f"""Say that you know of open findings, and why they are still open.

They stay open, and their reminders go on, but are escalated no more. It ends when the finding is
resolved and when it becomes worse. FINDING is the id that alerts show, or its first digits.

{_TO_WRITE}

{OWN_LINES}
Examples:
  cli.py acknowledge 3f2a9c01b7de --reason "waiting for the quota"
  cli.py acknowledge 3f2a9c01b7de --deployed --reason "waiting for the quota"
  cli.py acknowledge --control deployment_type.sku_allowed \\
      --resource /subscriptions/… --reason "moves on Friday" --by mara
"""

SNOOZE = f"""Let open findings send no reminders for a while.

They stay open and in the posture, and alert when they become worse, which ends the snooze. At its
end they alert if they are still open. A snooze lasts at most 14 days;
COMPLIANCE_LONGEST_SNOOZE_DAYS sets another limit. FINDING is the id that alerts show, or its first
digits.

{_TO_WRITE}

{OWN_LINES}
Examples:
  cli.py snooze 3f2a9c01b7de --until 7d --reason "change window on Friday"
  cli.py snooze 3f2a9c01b7de --until 2026-11-27T18:00 --reason "ticket 4711"
  cli.py snooze 3f2a9c01b7de --deployed --until 12h --reason "ticket 4711"
"""

UNSNOOZE = f"""End the snooze of open findings before its time.

{_TO_WRITE}

{OWN_LINES}
Examples:
  cli.py unsnooze 3f2a9c01b7de --reason "the change is off"
  cli.py unsnooze 3f2a9c01b7de --deployed --reason "the change is off"
"""

REMIND = f"""Tell again of what has been open for too long.

Records a reminder of every open finding that is due: critical ones 4 hours after they were told
last, high ones after 24 hours, medium ones after 7 days; COMPLIANCE_REMIND_AFTER_HOURS__CRITICAL=2
and the like change that. What is snoozed sends none, and a snooze that is over is told of. The
function app does this every 15 minutes.

{_TO_WRITE}

{OWN_LINES}
Examples:
  cli.py remind
  cli.py remind --store monitor.db --format json
  cli.py remind --deployed
"""

REDELIVER = f"""Put alerts back that a sink did not take and that were parked.

They are told with the same id by the next delivery, which in the function app begins within five
minutes. ID is that of an alert, or its first characters; without one, all that are parked are put
back. `cli.py alerts --parked` shows them with the reasons.

{_TO_WRITE}

{OWN_LINES}
Examples:
  cli.py redeliver
  cli.py redeliver --sink webhook --store monitor.db
  cli.py redeliver 3f2a9c01b7de --deployed
"""

CARD = f"""Draw alerts as the cards that Teams shows, on a page of HTML.

ID is that of an alert, or that of a finding for its newest alert; the first digits will do.

{_TO_READ}

{OWN_LINES}
Examples:
  cli.py card 3f2a9c01b7de -o card.html
  cli.py card 3f2a9c01b7de --store monitor.db > card.html
  cli.py card 3f2a9c01b7de --deployed -o card.html
"""

CONTROLS = f"""List the controls, or explain one.

{OWN_LINES}
Examples:
  cli.py controls
  cli.py controls deployment_type.sku_allowed
  cli.py controls --format json
"""

DOCTOR = f"""Check whether the monitor is fit for its work.

With --estate or --store: whether the folder and the file can be used, and what was left over. With
neither: the monitor that the settings COMPLIANCE_… say, as whoever is signed in: permissions, API
versions, storage, queues, events, exports, sinks, sweeps, the canary and the clock. Nothing is
changed. Of what is not in order it says why that matters, and the command that mends it.

The dated tables of SKUs, regions and models are checked too: one that is older than 180 days is a
warning, one that cannot be read a fault.

{OWN_LINES}
Examples:
  cli.py doctor
  cli.py doctor --estate DIR --store history.db
  cli.py doctor --format json
"""
