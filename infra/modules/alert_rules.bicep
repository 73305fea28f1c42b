// The monitor watched from outside: its records in the workspace, asked by Azure Monitor.
// Each query is empty while all is well, and says in its comment what it means when it is not.

param namePrefix string
param tags object

@description('Region of the workspace.')
param location string
param workspaceId string
param actionGroupId string

@description('Off until the code runs: there is nothing yet to be missed.')
param enabled bool

var rules = [
  {
    name: 'no-health-record'
    title: 'has written no health record: it is dead or cannot write'
    severity: 0
    window: 'PT30M'
    query: loadTextContent('../alerts/no_health_record.kql')
  }
  {
    name: 'no-canary'
    title: 'has lost its canary: changes may go unseen'
    severity: 0
    window: 'PT3H'
    query: loadTextContent('../alerts/no_canary.kql')
  }
  {
    name: 'fault'
    title: 'finds a fault in itself'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/fault.kql')
  }
  {
    name: 'lost-work'
    title: 'has poison messages or dead letters'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/lost_work.kql')
  }
  {
    name: 'parked-deliveries'
    title: 'has alerts that a sink refused'
    severity: 1
    window: 'PT30M'
    query: loadTextContent('../alerts/parked_deliveries.kql')
  }
  {
    name: 'blind-spots'
    title: 'has blind spots: resources that it cannot judge'
    severity: 1
    window: 'P1D'
    query: loadTextContent('../alerts/blind_spots.kql')
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${namePrefix}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'AI compliance monitor ${rule.title}'
      description: rule.query
      enabled: enabled
      severity: rule.severity
      scopes: [workspaceId]
      evaluationFrequency: rule.window == 'P1D' ? 'PT1H' : 'PT5M'
      windowSize: rule.window
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      // The tables are new: until their first row a check of the query may not find them.
      skipQueryValidation: true
      actions: { actionGroups: [actionGroupId] }
    }
  }
]
