// Where Event Grid leaves the events that it could not deliver.
//
// An account of its own, because this one must keep its shared keys. Event Grid can write dead letters
// as a managed identity, but the system topic of a subscription is a global resource, and "you can
// enable system-managed identity only for the regional Azure resources" (Microsoft Learn, "Enable
// managed identity for system topics"). Without one it writes with a key that it fetches itself, and
// from addresses that nobody publishes: shared keys and the public endpoint must be on. So nothing else
// is kept here. Nobody is given a key, the container is not public, the app reads with its identity,
// and what lies here goes away by itself: events hold names and addresses of people.

param name string
param location string
param tags object

@description('Principal id of the identity of the monitor.')
param principalId string

@description('Days after which a dead letter that nobody could use is removed.')
@minValue(8)
param keptDays int

var container = loadJsonContent('storage_names.json').dead_letters
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: true
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: 'Enabled'
    supportsHttpsTrafficOnly: true
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource letters 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = {
  parent: blobs
  name: container
  properties: { publicAccess: 'None' }
}

resource lifecycle 'Microsoft.Storage/storageAccounts/managementPolicies@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    policy: {
      rules: [
        {
          name: 'forget'
          enabled: true
          type: 'Lifecycle'
          definition: {
            filters: { blobTypes: ['blockBlob'], prefixMatch: ['${container}/'] }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: keptDays } } }
          }
        }
      ]
    }
  }
}

resource assignment 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, principalId, blobDataContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

output id string = account.id
output name string = account.name
output container string = letters.name
