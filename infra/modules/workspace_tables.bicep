// The monitor's tables in the workspace, and the right of the monitor to read it (the Activity Log).

param workspaceName string

@description('Principal id of the identity of the monitor.')
param principalId string

@description('Days that alerts and evaluations are kept in all: up to 730, or 1095, 1460, 1826, … up to 4383. The workspace sets how long they are quick to query.')
@minValue(30)
@maxValue(4383)
param totalRetentionDays int

// Written from the code by `python -m tools.infra_tables`.
var tables = loadJsonContent('log_tables.json')
var logAnalyticsDataReader = '3b03c2da-16b3-4a49-8834-0f8130efdd3b'

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

// One at a time: a workspace refuses a second change of its tables while one is under way.
@batchSize(1)
resource made 'Microsoft.OperationalInsights/workspaces/tables@2025-02-01' = [
  for table in tables: {
    parent: workspace
    name: table.name
    properties: {
      plan: 'Analytics'
      // An older workspace may keep its rows quick for longer than ours are kept at all, which is refused.
      retentionInDays: min(workspace.properties.retentionInDays, totalRetentionDays)
      totalRetentionInDays: totalRetentionDays
      schema: { name: table.name, description: table.description, columns: table.columns }
    }
  }
]

resource reading 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: workspace
  name: guid(workspace.id, principalId, logAnalyticsDataReader)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', logAnalyticsDataReader)
  }
}

output customerId string = workspace.properties.customerId
output location string = workspace.location
