// The second way by which the monitor hears of changes, and the one that knows who made them.

targetScope = 'subscription'

param name string
param workspaceId string

// Administrative is what is read. The others are rare and free, and their rows show that the export
// works on days without a change.
var categories = ['Administrative', 'Policy', 'Security', 'ServiceHealth', 'ResourceHealth', 'Recommendation']

resource export 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: name
  properties: {
    workspaceId: workspaceId
    logs: [for category in categories: { category: category, enabled: true }]
  }
}

output id string = export.id
