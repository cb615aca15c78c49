{{/* The executor: a Deployment of its own beside an external store. The operator does its work on an embedded one, and without a store nothing is approved. */}}

{{- define "mcp-operator.executorSelectorLabels" -}}
app.kubernetes.io/name: {{ include "mcp-operator.name" . }}-executor
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mcp-operator.executorLabels" -}}
{{- merge (include "mcp-operator.executorSelectorLabels" . | fromYaml) (include "mcp-operator.labels" . | fromYaml) | toYaml }}
{{- end }}

{{/* Who has the executor's rights. */}}
{{- define "mcp-operator.executorSubjects" -}}
{{- if eq .Values.store.mode "Embedded" -}}
{{ include "mcp-operator.subjects" . }}
{{- else -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "mcp-operator.executorServiceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}
{{- end }}
