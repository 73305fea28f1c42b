// Tells when somebody changes or removes a part of the monitor itself. From the Activity Log directly,
// not from the workspace: whoever cuts the export is seen too. A deployment of the monitor sets this off.

param namePrefix string
param tags object
param actionGroupId string

var parts = [
  { name: 'app', operations: ['Microsoft.Web/sites/write', 'Microsoft.Web/sites/delete', 'Microsoft.Web/sites/stop/action'] }
  { name: 'app-settings', operations: ['Microsoft.Web/sites/config/write', 'Microsoft.Web/sites/config/delete'] }
  { name: 'collection-rule', operations: ['Microsoft.Insights/dataCollectionRules/write', 'Microsoft.Insights/dataCollectionRules/delete'] }
  { name: 'storage', operations: ['Microsoft.Storage/storageAccounts/write', 'Microsoft.Storage/storageAccounts/delete', 'Microsoft.Storage/storageAccounts/managementPolicies/write'] }
  { name: 'identity', operations: ['Microsoft.ManagedIdentity/userAssignedIdentities/write', 'Microsoft.ManagedIdentity/userAssignedIdentities/delete'] }
  { name: 'vault', operations: ['Microsoft.KeyVault/vaults/write', 'Microsoft.KeyVault/vaults/delete'] }
  { name: 'workspace', operations: ['Microsoft.OperationalInsights/workspaces/write', 'Microsoft.OperationalInsights/workspaces/delete'] }
  { name: 'role-assignments', operations: ['Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete'] }
  { name: 'alert-rules', operations: ['Microsoft.Insights/scheduledQueryRules/write', 'Microsoft.Insights/scheduledQueryRules/delete'] }
  { name: 'guards', operations: ['Microsoft.Insights/activityLogAlerts/write', 'Microsoft.Insights/activityLogAlerts/delete'] }
  { name: 'action-group', operations: ['Microsoft.Insights/actionGroups/write', 'Microsoft.Insights/actionGroups/delete'] }
  { name: 'all', operations: ['Microsoft.Resources/subscriptions/resourceGroups/delete'] }
]

var everything = resourceGroup().id

resource guards 'Microsoft.Insights/activityLogAlerts@2020-10-01' = [
  for part in parts: {
    name: '${namePrefix}-${part.name}'
    location: 'global'
    tags: tags
    properties: {
      description: 'A part of the AI compliance monitor was changed, stopped or removed: ${part.name}.'
      enabled: true
      scopes: [everything]
      condition: {
        allOf: [
          { field: 'category', equals: 'Administrative' }
          { field: 'status', equals: 'Succeeded' }
          { anyOf: map(part.operations, each => { field: 'operationName', equals: each }) }
        ]
      }
      actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
    }
  }
]
