{{/* Names, labels and choices that several templates share. */}}

{{- define "mcp-operator.name" -}}
{{ .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The release's name where it already says what this is, otherwise both names; 50 characters leave room for suffixes. */}}
{{- define "mcp-operator.fullname" -}}
{{- $name := include "mcp-operator.name" . -}}
{{- $both := printf "%s-%s" .Release.Name $name -}}
{{ .Values.fullnameOverride | default (contains $name .Release.Name | ternary .Release.Name $both) | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "mcp-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "mcp-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "mcp-operator.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "mcp-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: mcp-operator
{{- end }}

{{- define "mcp-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "mcp-operator.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | required "serviceAccount.name is required when serviceAccount.create is false: name an existing ServiceAccount" }}
{{- end -}}
{{- end }}

{{/* The operator, as the API server knows it. */}}
{{- define "mcp-operator.username" -}}
{{ printf "system:serviceaccount:%s:%s" .Release.Namespace (include "mcp-operator.serviceAccountName" .) }}
{{- end }}

{{- define "mcp-operator.executorServiceAccountName" -}}
{{ include "mcp-operator.fullname" . }}-executor
{{- end }}

{{/* Who makes approved changes: a process of its own, but for an embedded store, which has one user. */}}
{{- define "mcp-operator.executorUsername" -}}
{{- if eq .Values.store.mode "Embedded" -}}
{{ include "mcp-operator.username" . }}
{{- else -}}
{{ printf "system:serviceaccount:%s:%s" .Release.Namespace (include "mcp-operator.executorServiceAccountName" .) }}
{{- end -}}
{{- end }}

{{/* The subject of every binding. */}}
{{- define "mcp-operator.subjects" -}}
subjects:
  - kind: ServiceAccount
    name: {{ include "mcp-operator.serviceAccountName" . }}
    namespace: {{ .Release.Namespace }}
{{- end }}

{{/* A digest says more than a tag, so it wins. */}}
{{- define "mcp-operator.image" -}}
{{- with .Values.image -}}
{{ .digest | empty | ternary (printf "%s:%s" .repository (.tag | default $.Chart.AppVersion)) (printf "%s@%s" .repository .digest) }}
{{- end -}}
{{- end }}

{{- define "mcp-operator.webhookService" -}}
{{ include "mcp-operator.fullname" . }}-webhook
{{- end }}

{{/*
The webhooks of a configuration: what is generated, the Service before them and, with watchNamespaces, the namespaces. An installation that serves
some namespaces must not stand between the API server and the others, which may be those of another installation.
*/}}
{{- define "mcp-operator.webhooks" -}}
{{- $top := index . 0 }}
{{- $webhooks := $top.Files.Get (index . 1) | fromYamlArray }}
{{- range $webhooks }}
{{- $_ := set .clientConfig.service "name" (include "mcp-operator.webhookService" $top) }}
{{- $_ := set .clientConfig.service "namespace" $top.Release.Namespace }}
{{- if and $top.Values.watchNamespaces (eq (index .rules 0).scope "Namespaced") }}
{{- $in := dict "key" "kubernetes.io/metadata.name" "operator" "In" "values" $top.Values.watchNamespaces }}
{{- $_ := set . "namespaceSelector" (dict "matchExpressions" (list $in)) }}
{{- end }}
{{- end }}
{{- toYaml $webhooks }}
{{- end }}

{{/* What the names of the policies of the second lock begin with. */}}
{{- define "mcp-operator.secondLock" -}}
{{ include "mcp-operator.fullname" . }}-second-lock
{{- end }}
