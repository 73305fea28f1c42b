#!/bin/sh
# Second phase of `azd up`: sends events to the code that azd has just deployed.
# Event Grid refuses where the function does not answer yet; a new app can take minutes for its first
# start, so it is tried again.
set -eu

if [ "${COMPLIANCE_PHASE:-app}" = complete ]; then
  exit 0 # The event subscriptions are there, and new code changes nothing about them.
fi

azd env set -e "$AZURE_ENV_NAME" COMPLIANCE_PHASE complete

tries=${COMPLIANCE_PHASE_TRIES:-5}
pause=${COMPLIANCE_PHASE_PAUSE:-60}
while ! COMPLIANCE_PHASE=complete azd provision -e "$AZURE_ENV_NAME" --no-prompt; do
  tries=$((tries - 1))
  if [ "$tries" -le 0 ]; then
    # The next `azd deploy` comes here again.
    azd env set -e "$AZURE_ENV_NAME" COMPLIANCE_PHASE app
    echo "The event subscriptions could not be made: nothing is heard but the Activity Log and the sweeps." >&2
    echo "Azure's reason is above. When the function resource_changed runs: azd deploy" >&2
    exit 1
  fi
  echo "Trying again in $pause s: the function may still be starting." >&2
  sleep "$pause"
done
