// Everything that a watched subscription needs: the right to read it, its events, its Activity Log, and
// somebody who tells when one of these is cut.

targetScope = 'subscription'

param namePrefix string
param groupName string
param location string
param tags object
param principalId string

@description('Name (GUID) of the role.')
param roleId string

@description('False: the role is assigned on a management group above.')
param assignRole bool

@description('A system topic of this subscription that is there already; empty: one is made.')
param topicName string
param topicGroup string

@description('Whether the Activity Log is to be sent to the workspace; false: it is already.')
param exportActivityLog bool
param workspaceId string

@description('Whether the code runs, so that events can be sent to it.')
param sendEvents bool
param functionId string
param deadLetterAccountId string
param deadLetterContainer string
param actionGroupId string

var makeTopic = empty(topicName)
// Of at most 50 characters, which the prefix can leave no room for.
var topic = makeTopic ? 'ai-compliance-${uniqueString(subscription().id, namePrefix)}' : topicName
var topicIn = makeTopic ? groupName : topicGroup
var exportName = namePrefix
// A deployment in a subscription keeps the region of the first of its name: another region, another name.
var token = uniqueString(namePrefix, location)

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: groupName
  location: location
  tags: tags
}

module role 'role_at_subscription.bicep' = if (assignRole) {
  name: 'role-${token}'
  params: {
    roleId: roleId
    principalId: principalId
  }
}

module systemTopic 'system_topic.bicep' = if (makeTopic) {
  name: '${namePrefix}-topic'
  scope: group
  params: {
    name: topic
    tags: tags
  }
}

module events 'event_subscription.bicep' = if (sendEvents) {
  name: '${namePrefix}-events'
  scope: resourceGroup(topicIn)
  params: {
    topicName: topic
    name: namePrefix
    functionId: functionId
    deadLetterAccountId: deadLetterAccountId
    deadLetterContainer: deadLetterContainer
  }
  dependsOn: [systemTopic]
}

module activityLog 'activity_log_export.bicep' = if (exportActivityLog) {
  name: 'activity-log-${token}'
  params: {
    name: exportName
    workspaceId: workspaceId
  }
}

module guard 'watch_guard.bicep' = {
  name: '${namePrefix}-guard'
  scope: group
  params: {
    namePrefix: namePrefix
    tags: tags
    actionGroupId: actionGroupId
    topicGroup: topicIn
    topicId: resourceId(
      subscription().subscriptionId,
      topicIn,
      'Microsoft.EventGrid/systemTopics',
      topic
    )
    exportId: exportActivityLog
      ? subscriptionResourceId('Microsoft.Insights/diagnosticSettings', exportName)
      : ''
    // As role_at_subscription.bicep names it.
    roleAssignmentId: assignRole
      ? subscriptionResourceId(
          'Microsoft.Authorization/roleAssignments',
          guid(subscription().id, principalId, roleId)
        )
      : ''
  }
  dependsOn: [systemTopic]
}
