// What is written down and asked for later: the workspace with its tables, functions and workbook, the
// way of rows into it, and the logs of the app.

targetScope = 'subscription'

@description('Resource group of the monitor.')
param groupName string

@description('Resource id of the workspace.')
param workspaceId string

@description('Whether it is made here, in the group of the monitor.')
param makeWorkspace bool

@description('Days that a workspace that is made keeps rows quick to query.')
@minValue(30)
@maxValue(730)
param workspaceRetentionDays int

@description('Days that the rows of the monitor are kept in all.')
param retentionDays int

param dataCollectionRuleName string
param appInsightsName string

@description('Region of the monitor; a workspace that was there has its own.')
param location string
param tags object

@description('Principal id of the identity of the monitor.')
param principalId string

@description('Sets deployments in the group of the workspace apart from those of other monitors.')
param token string

module workspace 'workspace.bicep' = if (makeWorkspace) {
  name: 'workspace'
  scope: resourceGroup(groupName)
  params: {
    name: last(split(workspaceId, '/'))
    location: location
    tags: tags
    retentionDays: workspaceRetentionDays
  }
}

module workspaceTables 'workspace_tables.bicep' = {
  name: 'workspace-tables-${token}'
  scope: resourceGroup(split(workspaceId, '/')[2], split(workspaceId, '/')[4])
  params: {
    workspaceName: last(split(workspaceId, '/'))
    principalId: principalId
    totalRetentionDays: retentionDays
  }
  dependsOn: [workspace]
}

module savedFunctions 'saved_functions.bicep' = {
  name: 'saved-functions-${token}'
  scope: resourceGroup(split(workspaceId, '/')[2], split(workspaceId, '/')[4])
  params: {
    workspaceName: last(split(workspaceId, '/'))
  }
  dependsOn: [workspaceTables]
}

module workbook 'workbook.bicep' = {
  name: 'workbook'
  scope: resourceGroup(groupName)
  params: {
    location: workspaceTables.outputs.location
    tags: tags
    workspaceId: workspaceId
  }
  dependsOn: [savedFunctions]
}

module dataCollectionRule 'data_collection_rule.bicep' = {
  name: 'data-collection-rule'
  scope: resourceGroup(groupName)
  params: {
    name: dataCollectionRuleName
    location: workspaceTables.outputs.location
    tags: tags
    workspaceId: workspaceId
    principalId: principalId
  }
}

module appInsights 'app_insights.bicep' = {
  name: 'app-insights'
  scope: resourceGroup(groupName)
  params: {
    name: appInsightsName
    location: location
    tags: tags
    workspaceId: workspaceId
    principalId: principalId
  }
  dependsOn: [workspace]
}

output customerId string = workspaceTables.outputs.customerId
output location string = workspaceTables.outputs.location
output ingestionEndpoint string = dataCollectionRule.outputs.endpoint
output ruleId string = dataCollectionRule.outputs.immutableId
output appInsightsTarget string = appInsights.outputs.target
