// The Azure AI compliance monitor, whole: `azd up` deploys this, then the code, then this once more.
//
// Twice, because order matters. Event Grid asks a function whether it wants events when the event
// subscription is made, and refuses where no healthy function answers. So the first deployment
// (phase `app`) makes everything else, azd brings the code, and the hook `postdeploy` in azure.yaml
// sets the phase to `complete` and deploys again; it stays so for every later `azd provision`.

targetScope = 'subscription'

@description('Name of the azd environment, of letters, digits and hyphens; part of every name.')
@minLength(1)
@maxLength(24)
param environmentName string

@description('Region of the app and of what belongs to it.')
param location string

@description('`app`: before the code runs; `complete`: events are sent to it and alerts are armed.')
@allowed(['app', 'complete'])
param phase string = 'app'

@description('What is watched: a row for each subscription.')
@minLength(1)
param watched watchedSubscription[]

type watchedSubscription = {
  @description('Its id.')
  subscriptionId: string

  @description('Assign the role on this management group above it, not on the subscription itself.')
  managementGroup: string?

  @description('Its system topic of type Microsoft.Resources.Subscriptions, where there is one already.')
  systemTopic: systemTopicName?

  @description('False: its Activity Log is already sent to the workspace.')
  exportActivityLog: bool?
}

type systemTopicName = {
  resourceGroup: string
  name: string
}

@description('Resource id of the workspace to use; empty: one is made.')
param workspaceResourceId string = ''

@description('Days that a new workspace keeps rows quick to query.')
@minValue(30)
@maxValue(730)
param workspaceRetentionDays int = 90

@description('Days that history is kept, in the store and in the tables of the workspace: up to 730, or 1095, 1460, 1826, … up to 4383.')
@minValue(30)
@maxValue(4383)
param retentionDays int = 400

@description('Days after which dead letters are removed.')
@minValue(8)
param deadLetterDays int = 30

@description('Days after which inputs that were set aside, and snapshots of what is gone, are removed.')
@minValue(30)
param leftoverDays int = 90

@description('Redundancy of what the monitor remembers.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@allowed(['3.11', '3.12', '3.13'])
param pythonVersion string = '3.12'

@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The most instances of each function. Regions that refuse fewer than 40 say so.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that share the quota of ARM at the same time as a rule.')
@minValue(1)
param quotaShares int = 4

@description('Instances that always wait for events; 0 costs nothing and a few seconds for the first event.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 1

@description('Addresses (CIDR) that may call the app, besides Event Grid.')
param allowedNetworks string[] = []

@description('Addresses (CIDR) that may deploy the code; empty: any, with a token of Entra ID.')
param deploymentNetworks string[] = []

@description('Whether the app gets a network of its own, and private endpoints to storage and vault.')
param privateNetwork bool = false

@description('A /24 for that network.')
param addressPrefix string = '10.90.0.0/24'

@description('Further settings of the monitor by name, such as those of its sinks.')
param settings object = {}

@description('Settings whose values are secrets, and the names of their secrets in the vault.')
param vaultSettings vaultSetting[] = []

type vaultSetting = {
  setting: string
  secret: string
}

@description('Object id of whoever sets secrets in the vault; empty: rights are given elsewhere.')
param vaultOfficerId string = ''

@description('E-mail addresses that hear of troubles of the monitor itself.')
param alertEmails string[] = []

@description('Incidents in Microsoft Sentinel: `off`; `rules`, where it is on in the workspace; `onboard` turns it on, which costs by what the workspace takes in.')
@allowed(['off', 'rules', 'onboard'])
param sentinel string = 'off'

@description('Name of the service in azure.yaml.')
param serviceName string = 'monitor'

var abbreviations = loadJsonContent('abbreviations.json')
var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName, application: 'azure-ai-compliance-monitor' }
var watchPrefix = 'ai-compliance-monitor-${environmentName}'
var complete = phase == 'complete'

// As the setting COMPLIANCE_CLOUD names Microsoft's clouds.
var clouds = { AzureCloud: 'public', AzureUSGovernment: 'usgov', AzureChinaCloud: 'china' }

// A row that names a management group has its role there, once for each group.
var managementGroups = union(filter(map(watched, row => row.?managementGroup ?? ''), each => !empty(each)), [])
var home = subscription().id
var assignableScopes = union(
  [home],
  map(watched, row => '/subscriptions/${row.subscriptionId}'),
  map(managementGroups, each => '/providers/Microsoft.Management/managementGroups/${each}')
)

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: '${abbreviations.resourceGroup}-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  name: 'identity'
  scope: group
  params: {
    name: '${abbreviations.userAssignedIdentity}-${environmentName}-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  scope: group
  params: {
    name: '${abbreviations.storageAccount}${token}'
    location: location
    tags: tags
    sku: storageSku
    principalId: identity.outputs.principalId
    deploymentContainer: 'deployments'
    isPrivate: privateNetwork
    leftoverDays: leftoverDays
  }
}

module deadLetters 'modules/dead_letters.bicep' = {
  name: 'dead-letters'
  scope: group
  params: {
    name: '${abbreviations.storageAccount}dead${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    keptDays: deadLetterDays
  }
}

module keyVault 'modules/key_vault.bicep' = {
  name: 'key-vault'
  scope: group
  params: {
    name: '${abbreviations.keyVault}-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    officerId: vaultOfficerId
    isPrivate: privateNetwork
  }
}

module network 'modules/private_network.bicep' = if (privateNetwork) {
  name: 'private-network'
  scope: group
  params: {
    name: '${abbreviations.virtualNetwork}-${environmentName}-${token}'
    endpointPrefix: '${abbreviations.privateEndpoint}-${environmentName}'
    securityGroupName: '${abbreviations.networkSecurityGroup}-${environmentName}'
    location: location
    tags: tags
    addressPrefix: addressPrefix
    storageAccountId: storage.outputs.id
    vaultId: keyVault.outputs.id
  }
}

// The workspace. Its parts are needed before anything is made, so they are not taken from outputs.
var workspaceId = empty(workspaceResourceId)
  ? resourceId(
      subscription().subscriptionId,
      '${abbreviations.resourceGroup}-${environmentName}',
      'Microsoft.OperationalInsights/workspaces',
      '${abbreviations.workspace}-${environmentName}-${token}'
    )
  : workspaceResourceId

module history 'modules/history.bicep' = {
  name: 'history-${token}'
  params: {
    groupName: group.name
    workspaceId: workspaceId
    makeWorkspace: empty(workspaceResourceId)
    workspaceRetentionDays: workspaceRetentionDays
    retentionDays: retentionDays
    dataCollectionRuleName: '${abbreviations.dataCollectionRule}-${environmentName}-${token}'
    appInsightsName: '${abbreviations.appInsights}-${environmentName}-${token}'
    location: location
    tags: tags
    principalId: identity.outputs.principalId
    token: token
  }
}

module sentinelRules 'modules/sentinel_rules.bicep' = if (sentinel != 'off') {
  name: 'sentinel-rules-${token}'
  scope: resourceGroup(split(workspaceId, '/')[2], split(workspaceId, '/')[4])
  params: {
    workspaceName: last(split(workspaceId, '/'))
    onboard: sentinel == 'onboard'
    armed: complete
    monitorId: functionApp.outputs.id
    ownIds: concat([group.id], map(watched, row => '/subscriptions/${row.subscriptionId}/resourceGroups/${abbreviations.resourceGroup}-${environmentName}-watch'))
  }
  dependsOn: [history]
}

module functionApp 'modules/function_app.bicep' = {
  name: 'function-app'
  scope: group
  params: {
    name: '${abbreviations.functionApp}-${environmentName}-${token}'
    planName: '${abbreviations.plan}-${environmentName}-${token}'
    location: location
    tags: tags
    serviceName: serviceName
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    alwaysReadyInstances: alwaysReadyInstances
    blobEndpoint: storage.outputs.blobEndpoint
    queueEndpoint: storage.outputs.queueEndpoint
    tableEndpoint: storage.outputs.tableEndpoint
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    appInsightsConnectionString: history.outputs.appInsightsTarget
    settings: union(
      {
        COMPLIANCE_BACKEND__KIND: 'azure'
        COMPLIANCE_BACKEND__STORAGE_ACCOUNT: storage.outputs.name
        COMPLIANCE_BACKEND__DEAD_LETTER_ACCOUNT: deadLetters.outputs.name
        COMPLIANCE_CLOUD: clouds[environment().name]
        COMPLIANCE_IDENTITY_CLIENT_ID: identity.outputs.clientId
        COMPLIANCE_INSTANCES: string(quotaShares)
        COMPLIANCE_RETENTION_DAYS: string(retentionDays)
        COMPLIANCE_SINKS__LOG_ANALYTICS__ENDPOINT: history.outputs.ingestionEndpoint
        COMPLIANCE_SINKS__LOG_ANALYTICS__RULE_ID: history.outputs.ruleId
        COMPLIANCE_WATCHED_SUBSCRIPTIONS: join(map(watched, row => row.subscriptionId), ',')
        COMPLIANCE_WORKSPACE_ID: history.outputs.customerId
      },
      settings
    )
    vaultSettings: vaultSettings
    vaultUri: keyVault.outputs.uri
    allowedNetworks: allowedNetworks
    deploymentNetworks: deploymentNetworks
    subnetId: network.?outputs.appSubnetId ?? ''
  }
}

module actionGroup 'modules/action_group.bicep' = {
  name: 'action-group'
  scope: group
  params: {
    name: '${abbreviations.actionGroup}-${environmentName}'
    tags: tags
    emails: alertEmails
  }
}

module alertRules 'modules/alert_rules.bicep' = {
  name: 'alert-rules'
  scope: group
  params: {
    namePrefix: watchPrefix
    location: history.outputs.location
    tags: tags
    workspaceId: workspaceId
    actionGroupId: actionGroup.outputs.id
    enabled: complete
  }
}

module appGuard 'modules/app_guard.bicep' = {
  name: 'app-guard'
  scope: group
  params: {
    namePrefix: '${watchPrefix}-changed'
    tags: tags
    actionGroupId: actionGroup.outputs.id
  }
}

module role 'modules/role.bicep' = {
  name: 'role-${token}'
  params: {
    roleName: 'AI compliance monitor reader (${environmentName}-${token})'
    assignableScopes: assignableScopes
  }
}

module roleAtManagementGroup 'modules/role_at_management_group.bicep' = [
  for each in managementGroups: {
    name: 'role-${uniqueString(each, token)}'
    scope: managementGroup(each)
    params: {
      roleId: role.outputs.roleId
      principalId: identity.outputs.principalId
    }
  }
]

module watching 'modules/watched_subscription.bicep' = [
  for row in watched: {
    name: 'watch-${uniqueString(row.subscriptionId, token)}'
    scope: subscription(row.subscriptionId)
    params: {
      namePrefix: watchPrefix
      groupName: '${abbreviations.resourceGroup}-${environmentName}-watch'
      location: location
      tags: tags
      principalId: identity.outputs.principalId
      roleId: role.outputs.roleId
      assignRole: empty(row.?managementGroup ?? '')
      topicName: row.?systemTopic.name ?? ''
      topicGroup: row.?systemTopic.resourceGroup ?? ''
      exportActivityLog: row.?exportActivityLog ?? true
      workspaceId: workspaceId
      sendEvents: complete
      functionId: '${functionApp.outputs.id}/functions/resource_changed'
      deadLetterAccountId: deadLetters.outputs.id
      deadLetterContainer: deadLetters.outputs.container
      actionGroupId: actionGroup.outputs.id
    }
    dependsOn: [history]
  }
]

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_APP_NAME string = functionApp.outputs.name
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output COMPLIANCE_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output COMPLIANCE_WORKSPACE_ID string = history.outputs.customerId
