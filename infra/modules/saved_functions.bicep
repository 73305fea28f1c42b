// The history in the workspace, by functions that anybody who reads it can call: `OpenFindings()`.

param workspaceName string

var functions = [
  {
    name: 'ComplianceAlerts'
    parameters: ''
    body: loadTextContent('../kql/functions/ComplianceAlerts.kql')
  }
  {
    name: 'MonitorHealth'
    parameters: ''
    body: loadTextContent('../kql/functions/MonitorHealth.kql')
  }
  {
    name: 'OpenFindings'
    parameters: ''
    body: loadTextContent('../kql/functions/OpenFindings.kql')
  }
  {
    name: 'PostureAsOf'
    parameters: 'asOf: datetime'
    body: loadTextContent('../kql/functions/PostureAsOf.kql')
  }
  {
    name: 'TimeToResolve'
    parameters: ''
    body: loadTextContent('../kql/functions/TimeToResolve.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource saved 'Microsoft.OperationalInsights/workspaces/savedSearches@2025-02-01' = [
  for each in functions: {
    parent: workspace
    name: toLower(each.name)
    // Saved anew each time: Azure refuses a change without the tag of the version that it knows.
    etag: '*'
    properties: {
      category: 'AI compliance'
      displayName: each.name
      functionAlias: each.name
      functionParameters: each.parameters
      query: replace(each.body, '__PORTAL__', uri(environment().portal, '#resource'))
      version: 2
    }
  }
]
