// The monitor's role on a management group: on every subscription below it, those to come included.

targetScope = 'managementGroup'

@description('Name (GUID) of the role.')
param roleId string
param principalId string

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(managementGroup().id, principalId, roleId)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: managementGroupResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}
