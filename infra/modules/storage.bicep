// What the monitor remembers, the queues between its functions, and the package of the app.
// No keys: Entra ID alone opens it.

param name string
param location string
param tags object

@description('Zone-redundant where the region has zones.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param sku string

@description('Principal id of the identity of the monitor.')
param principalId string

@description('Container that holds the package of the app.')
param deploymentContainer string

@description('Whether private endpoints alone lead here.')
param isPrivate bool

@description('Days after which inputs that were set aside, and snapshots of what is gone, are removed.')
@minValue(30)
param leftoverDays int

// Written from the code by `python -m tools.infra_tables`: whoever renames a queue there renames it here.
var names = loadJsonContent('storage_names.json')

// Microsoft's built-in roles. The Functions host asks for the owner's role on blobs: it takes leases
// on them, and for the queues and tables of its own.
var roles = {
  blobs: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b' // Storage Blob Data Owner
  queues: '974c5e8b-45b9-4653-ba55-5f855dd0fe88' // Storage Queue Data Contributor
  tables: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3' // Storage Table Data Contributor
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
    supportsHttpsTrafficOnly: true
    // Without a network of its own the app has no fixed address that could be let in alone.
    // Behind a firewall the lifecycle rule below is carried out only as a trusted service of Azure's;
    // whoever else is trusted still needs a role here.
    networkAcls: { defaultAction: isPrivate ? 'Deny' : 'Allow', bypass: isPrivate ? 'AzureServices' : 'None' }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-01-01' = {
  parent: account
  name: 'default'
  properties: {
    deleteRetentionPolicy: { enabled: true, days: 14 }
    containerDeleteRetentionPolicy: { enabled: true, days: 14 }
  }
}

resource containers 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-01-01' = [
  for container in concat(names.containers, [deploymentContainer]): {
    parent: blobs
    name: container
    properties: { publicAccess: 'None' }
  }
]

// Both containers would grow for ever. By the time of the last change, not of the last reading: the
// daily deep sweep writes the snapshot of what is there, so an old one is of a root that is gone; and
// what is missing in a snapshot is read from ARM again. Nothing else ages out: bookmarks are few,
// history is in the tables, and the package must stay.
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
            filters: { blobTypes: ['blockBlob'], prefixMatch: names.ages_out }
            actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: leftoverDays } } }
          }
        }
      ]
    }
  }
}

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2025-01-01' = {
  parent: account
  name: 'default'
}

// The host makes poison queues only when they are first needed; made here, their emptiness can be seen.
resource queues 'Microsoft.Storage/storageAccounts/queueServices/queues@2025-01-01' = [
  for queue in names.queues: {
    parent: queueService
    name: queue
  }
]

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-01-01' = {
  parent: account
  name: 'default'
}

resource tables 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-01-01' = [
  for table in names.tables: {
    parent: tableService
    name: table
  }
]

resource assignments 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in items(roles): {
    scope: account
    name: guid(account.id, principalId, role.value)
    properties: {
      principalId: principalId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.value)
    }
  }
]

output id string = account.id
output name string = account.name
output blobEndpoint string = account.properties.primaryEndpoints.blob
output queueEndpoint string = account.properties.primaryEndpoints.queue
output tableEndpoint string = account.properties.primaryEndpoints.table
output deploymentContainerUrl string = '${account.properties.primaryEndpoints.blob}${deploymentContainer}'
