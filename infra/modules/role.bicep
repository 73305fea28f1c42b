// What the monitor may do in Azure: read what it judges, and nothing else. No action reads a key.

targetScope = 'subscription'

@description('Unique in the tenant.')
param roleName string

@description('Ids of the subscriptions and management groups where it may be assigned.')
param assignableScopes string[]

// Written from the code by `python -m tools.infra_tables`: one action for each source that is read.
var actions = loadJsonContent('role_actions.json')

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, roleName)
  properties: {
    roleName: roleName
    description: 'Reads the configuration of Azure AI resources, for the compliance monitor.'
    type: 'CustomRole'
    permissions: [{ actions: actions, notActions: [], dataActions: [], notDataActions: [] }]
    assignableScopes: assignableScopes
  }
}

output roleId string = role.name
