// The function app: Flex Consumption, an identity in place of every key.

param name string
param planName string
param location string
param tags object

@description('Name of the service in azure.yaml, by which azd finds the app.')
param serviceName string
param identityId string
param identityClientId string

@description('A line that azure-functions in requirements.txt is locked for.')
@allowed(['3.11', '3.12', '3.13'])
param pythonVersion string

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@minValue(1)
@maxValue(1000)
param maximumInstances int

@description('Instances that always wait for events.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int

param blobEndpoint string
param queueEndpoint string
param tableEndpoint string
param deploymentContainerUrl string
param appInsightsConnectionString string

@description('Further settings by name: what the monitor is set to.')
param settings object

@description('Names of settings whose values are secrets, and of their secrets in the vault.')
param vaultSettings vaultSetting[]
param vaultUri string

@description('Addresses (CIDR) that may call the app, besides Event Grid.')
param allowedNetworks string[]

@description('Addresses (CIDR) that may deploy; empty: any, with a token of Entra ID.')
param deploymentNetworks string[]

@description('Subnet for outbound connections; empty: none.')
param subnetId string

type vaultSetting = {
  setting: string
  secret: string
}

// The identity-based connection of the host and of the queue triggers.
var hostSettings = {
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__blobServiceUri: blobEndpoint
  AzureWebJobsStorage__queueServiceUri: queueEndpoint
  AzureWebJobsStorage__tableServiceUri: tableEndpoint
  APPLICATIONINSIGHTS_CONNECTION_STRING: appInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
}
var references = toObject(
  vaultSettings,
  each => each.setting,
  each => '@Microsoft.KeyVault(SecretUri=${vaultUri}secrets/${each.secret})'
)
var inbound = [
  { name: 'event-grid', tag: 'ServiceTag', ipAddress: 'AzureEventGrid', action: 'Allow', priority: 100 }
]

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': serviceName })
  kind: 'functionapp,linux'
  identity: { type: 'UserAssigned', userAssignedIdentities: { '${identityId}': {} } }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identityId }
        }
      }
      runtime: { name: 'python', version: pythonVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        // An event that meets a running instance is a look within seconds.
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [{ name: 'function:resource_changed', instanceCount: alwaysReadyInstances }]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      remoteDebuggingEnabled: false
      http20Enabled: true
      appSettings: map(
        items(union(hostSettings, settings, references)),
        each => { name: each.key, value: each.value }
      )
      // Event Grid delivers from the public network, so the app has an address there; the service tag
      // says who may reach it, and the system key of the trigger who is heard.
      ipSecurityRestrictionsDefaultAction: 'Deny'
      ipSecurityRestrictions: concat(
        inbound,
        map(range(0, length(allowedNetworks)), i => {
          name: 'network-${i}'
          ipAddress: allowedNetworks[i]
          action: 'Allow'
          priority: 200 + i
        })
      )
      scmIpSecurityRestrictionsUseMain: false
      scmIpSecurityRestrictionsDefaultAction: empty(deploymentNetworks) ? 'Allow' : 'Deny'
      scmIpSecurityRestrictions: map(range(0, length(deploymentNetworks)), i => {
        name: 'network-${i}'
        ipAddress: deploymentNetworks[i]
        action: 'Allow'
        priority: 200 + i
      })
    }
  }
}

// Deploying takes a token of Entra ID; no publishing profile, no password.
resource publishing 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = [
  for way in ['ftp', 'scm']: {
    parent: app
    name: way
    properties: { allow: false }
  }
]

output id string = app.id
output name string = app.name
