// The workbook: posture, what happened, worst offenders, coverage, and the monitor itself.

param name string = guid(workspaceId, 'azure-ai-compliance-monitor')
param displayName string = 'Azure AI compliance'
param location string
param tags object
param workspaceId string

// Written by `python -m tools.workbook`.
var content = loadTextContent('../workbook/workbook.json')

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    sourceId: workspaceId
    version: 'Notebook/1.0'
    serializedData: replace(content, '__WORKSPACE_ID__', workspaceId)
  }
}

output id string = workbook.id
