// Whom Azure Monitor tells of the monitor's own troubles: not through the monitor.

param name string
param tags object

@description('Addresses for e-mail; empty: alerts show in the portal alone.')
param emails string[]

resource group 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'ai-monitor'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

output id string = group.id
