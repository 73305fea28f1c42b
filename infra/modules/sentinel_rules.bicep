// Rules of Microsoft Sentinel that raise incidents, each with the resource and the account.
// They call the saved functions: deploy those first. Sentinel must be on in the workspace; it costs
// by what the workspace takes in, so it is turned on here only where that is asked for.

param workspaceName string

@description('Resource id of the function app.')
param monitorId string

@description('Resource ids, or those of groups, of what belongs to the monitor and to the watch.')
param ownIds string[]

@description('Turn Sentinel on in the workspace.')
param onboard bool = false

@description('Off until the code runs: there is nothing yet to be missed.')
param armed bool

@description('Incidents for new findings of severity critical or high.')
param newFindings bool = true

@description('Incidents when the monitor is silent.')
param silence bool = true

@description('Incidents when a part of the monitor is changed.')
param changes bool = true

var account = {
  entityType: 'Account'
  fieldMappings: [
    { identifier: 'FullName', columnName: 'ActorName' }
    { identifier: 'AadUserId', columnName: 'ActorId' }
  ]
}
var caller = {
  entityType: 'Account'
  fieldMappings: [
    { identifier: 'FullName', columnName: 'CallerName' }
    { identifier: 'AadUserId', columnName: 'CallerId' }
  ]
}
var rules = [
  {
    name: 'new-finding'
    enabled: newFindings
    title: 'AI compliance: {{Control}} fails'
    description: '{{Message}} {{Remediation}}'
    severity: 'High'
    severityColumn: 'SentinelSeverity'
    tactics: ['Exfiltration']
    query: loadTextContent('../sentinel/new_finding.kql')
    frequency: 'PT10M'
    period: 'P1D'
    resource: 'TargetResourceId'
    others: [account]
    details: { Control: 'Control', Kind: 'AlertKind', AlertId: 'AlertId', CorrelationId: 'CorrelationId' }
  }
  {
    name: 'monitor-silenced'
    enabled: silence
    title: 'AI compliance: the monitor is silent ({{State}})'
    description: 'Changes to AI resources may go unseen since {{RecordedAt}}. See the runbook.'
    severity: 'High'
    severityColumn: null
    tactics: ['DefenseEvasion']
    query: 'let monitor = "${monitorId}";\n${loadTextContent('../sentinel/monitor_silenced.kql')}'
    frequency: 'PT15M'
    period: 'P1D'
    resource: 'MonitorResourceId'
    others: []
    details: { State: 'State' }
  }
  {
    name: 'monitor-changed'
    enabled: changes
    title: 'AI compliance: {{Operation}} on a part of the monitor'
    description: 'A part of the monitor was changed: {{ChangedResourceId}}. Whoever wants to go unseen begins there.'
    severity: 'Medium'
    severityColumn: null
    tactics: ['DefenseEvasion']
    query: 'let own = dynamic(${toLower(string(ownIds))});\n${loadTextContent('../sentinel/monitor_changed.kql')}'
    frequency: 'PT10M'
    period: 'P1D'
    resource: 'ChangedResourceId'
    others: [caller, { entityType: 'IP', fieldMappings: [{ identifier: 'Address', columnName: 'CallerIpAddress' }] }]
    details: { Operation: 'Operation', CorrelationId: 'CorrelationId' }
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource sentinel 'Microsoft.SecurityInsights/onboardingStates@2025-06-01' = if (onboard) {
  scope: workspace
  name: 'default'
  properties: {}
}

resource raised 'Microsoft.SecurityInsights/alertRules@2025-06-01' = [
  for rule in rules: {
    scope: workspace
    name: guid(workspace.id, 'azure-ai-compliance-monitor', rule.name)
    kind: 'Scheduled'
    properties: {
      displayName: 'AI compliance: ${rule.name}'
      description: 'See docs/history.md of the Azure AI compliance monitor.'
      enabled: armed && rule.enabled
      severity: rule.severity
      query: rule.query
      queryFrequency: rule.frequency
      queryPeriod: rule.period
      triggerOperator: 'GreaterThan'
      triggerThreshold: 0
      suppressionEnabled: rule.name == 'monitor-silenced'
      suppressionDuration: 'PT4H'
      tactics: rule.tactics
      eventGroupingSettings: { aggregationKind: 'AlertPerResult' }
      alertDetailsOverride: {
        alertDisplayNameFormat: rule.title
        alertDescriptionFormat: rule.description
        alertSeverityColumnName: rule.severityColumn
      }
      customDetails: rule.details
      entityMappings: concat(
        [
          {
            entityType: 'AzureResource'
            fieldMappings: [{ identifier: 'ResourceId', columnName: rule.resource }]
          }
        ],
        rule.others
      )
      incidentConfiguration: {
        createIncident: true
        groupingConfiguration: {
          enabled: true
          reopenClosedIncident: false
          lookbackDuration: 'PT5H'
          matchingMethod: 'AllEntities'
        }
      }
    }
    dependsOn: [sentinel]
  }
]
