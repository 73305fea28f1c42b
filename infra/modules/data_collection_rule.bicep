// The way of rows into the workspace. Of kind Direct: it brings its own endpoint for ingestion.

param name string
param tags object

@description('Region of the workspace: a rule must be in the same.')
param location string
param workspaceId string

@description('Principal id of the identity of the monitor, which sends rows.')
param principalId string

// Written from the code by `python -m tools.infra_tables`.
var streams = loadJsonContent('log_streams.json')
var destination = 'workspace'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource rule 'Microsoft.Insights/dataCollectionRules@2023-03-11' = {
  name: name
  location: location
  tags: tags
  kind: 'Direct'
  properties: {
    description: 'Alerts, evaluations and health of the Azure AI compliance monitor.'
    streamDeclarations: streams
    destinations: {
      logAnalytics: [{ name: destination, workspaceResourceId: workspaceId }]
    }
    // A stream has the name of its table.
    dataFlows: [
      for stream in items(streams): {
        streams: [stream.key]
        destinations: [destination]
        outputStream: stream.key
        transformKql: 'source'
      }
    ]
  }
}

resource sending 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rule
  name: guid(rule.id, principalId, metricsPublisher)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

output id string = rule.id
output immutableId string = rule.properties.immutableId
output endpoint string = rule.properties.endpoints.logsIngestion
