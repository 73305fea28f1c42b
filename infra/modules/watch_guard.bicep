// Tells when somebody cuts what the monitor hears from this subscription, or when Event Grid gives up
// events. Like the guard of the app it reads the Activity Log and metrics, not the workspace.
// A second net, should a filter here miss: `coverage.events_arriving` finds a subscription whose
// changes no longer come, and `doctor` looks at each part by name.

param namePrefix string
param tags object
param actionGroupId string
param topicId string
param topicGroup string
param exportId string

@description('Id of the role assignment; empty: the role is assigned on a management group.')
param roleAssignmentId string

var allCuts = [
  {
    name: 'events-cut'
    description: 'The event subscription of the AI compliance monitor was changed or removed.'
    operations: [
      'Microsoft.EventGrid/systemTopics/write'
      'Microsoft.EventGrid/systemTopics/delete'
      'Microsoft.EventGrid/systemTopics/eventSubscriptions/write'
      'Microsoft.EventGrid/systemTopics/eventSubscriptions/delete'
      'Microsoft.EventGrid/eventSubscriptions/write'
      'Microsoft.EventGrid/eventSubscriptions/delete'
      'Microsoft.Resources/subscriptions/resourceGroups/delete'
    ]
    filter: { field: 'resourceGroup', equals: topicGroup }
  }
  {
    name: 'activity-log-cut'
    description: 'The Activity Log export of the AI compliance monitor was changed or removed.'
    operations: ['Microsoft.Insights/diagnosticSettings/write', 'Microsoft.Insights/diagnosticSettings/delete']
    filter: { field: 'resourceId', equals: exportId }
  }
  {
    name: 'role-cut'
    description: 'The role of the AI compliance monitor was assigned anew or taken away.'
    operations: ['Microsoft.Authorization/roleAssignments/write', 'Microsoft.Authorization/roleAssignments/delete']
    filter: { field: 'resourceId', equals: roleAssignmentId }
  }
]
// Only what is there to be cut. Alerts of the Activity Log know no management groups: an assignment
// there is watched by `doctor` and by the readings that then fail.
var cuts = filter(allCuts, each => !empty(each.filter.equals))

var losses = [
  { name: 'events-given-up', metric: 'DeadLetteredCount', threshold: 0, text: 'Event Grid left events as dead letters.' }
  { name: 'events-dropped', metric: 'DroppedEventCount', threshold: 0, text: 'Event Grid dropped events.' }
  { name: 'events-refused', metric: 'DeliveryAttemptFailCount', threshold: 20, text: 'The function does not take events.' }
]

var everything = subscription().id

resource guards 'Microsoft.Insights/activityLogAlerts@2020-10-01' = [
  for cut in cuts: {
    name: '${namePrefix}-${cut.name}'
    location: 'global'
    tags: tags
    properties: {
      description: cut.description
      enabled: true
      scopes: [everything]
      condition: {
        allOf: [
          { field: 'category', equals: 'Administrative' }
          { field: 'status', equals: 'Succeeded' }
          { anyOf: map(cut.operations, each => { field: 'operationName', equals: each }) }
          cut.filter
        ]
      }
      actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
    }
  }
]

resource metrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for loss in losses: {
    name: '${namePrefix}-${loss.name}'
    location: 'global'
    tags: tags
    properties: {
      description: '${loss.text} Events for the AI compliance monitor come late, or by the sweep alone.'
      enabled: true
      severity: 1
      scopes: [topicId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      autoMitigate: true
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            name: loss.name
            criterionType: 'StaticThresholdCriterion'
            metricName: loss.metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: loss.threshold
          }
        ]
      }
      actions: [{ actionGroupId: actionGroupId }]
    }
  }
]
