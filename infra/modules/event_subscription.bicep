// Sends what is told of our providers to the function. Event Grid asks the function whether it wants
// the events when this is made, so the code must be there and healthy first: phase `complete`.

param topicName string
param name string

@description('The function: …/sites/<app>/functions/resource_changed.')
param functionId string
param deadLetterAccountId string
param deadLetterContainer string

// Whoever adds a provider to the code adds it here; a test compares.
// Of 25 values that all filters may have together these are two. What matters among them is decided in
// the code, where it can be tested and is recorded.
var providers = ['/providers/Microsoft.CognitiveServices/', '/providers/Microsoft.MachineLearningServices/']

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource events 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: name
  properties: {
    destination: {
      endpointType: 'AzureFunction'
      // One event a call: one that cannot be read must not hold up others.
      properties: { resourceId: functionId, maxEventsPerBatch: 1 }
    }
    eventDeliverySchema: 'EventGridSchema'
    filter: {
      includedEventTypes: [
        'Microsoft.Resources.ResourceWriteSuccess'
        'Microsoft.Resources.ResourceDeleteSuccess'
        'Microsoft.Resources.ResourceActionSuccess'
      ]
      // The subject is the id of the resource; these compare without regard to case.
      advancedFilters: [{ operatorType: 'StringContains', key: 'subject', values: providers }]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterDestination: {
      endpointType: 'StorageBlob'
      properties: { resourceId: deadLetterAccountId, blobContainerName: deadLetterContainer }
    }
  }
}

output id string = events.id
