{{/* The operator's configuration file: the same settings as its flags, under the same names. */}}
{{- define "mcp-operator.config" -}}
leaderElect: true
leaderElectionNamespace: {{ .Release.Namespace }}
metricsBindAddress: ':{{ .Values.metrics.port }}'
healthProbeBindAddress: ':{{ .Values.healthPort }}'
webhookBindAddress: '{{ if .Values.webhook.enabled }}:{{ .Values.webhook.port }}{{ else }}0{{ end }}'
logLevel: {{ .Values.logLevel }}
concurrency: {{ .Values.concurrency }}
defaultPolicy: {{ .Values.defaultPolicy }}
watchNamespaces: {{ .Values.watchNamespaces | toJson }}
probe:
  allowedCIDRs: {{ .Values.probe.allowedCIDRs | toJson }}
  refusedCIDRs: {{ .Values.probe.refusedCIDRs | toJson }}
  concurrency: {{ .Values.probe.concurrency }}
store:
  mode: {{ .Values.store.mode }}
{{- if eq .Values.store.mode "External" }}
{{- with .Values.store.external }}
  host: {{ .host | quote }}
  port: {{ .port }}
  database: {{ .database | quote }}
  userFile: /etc/kilo-mcp-store/username
  passwordFile: /etc/kilo-mcp-store/password
{{- if .migrationSecretName }}
  migration: {userFile: /etc/kilo-mcp-store-migration/username, passwordFile: /etc/kilo-mcp-store-migration/password}
{{- end }}
  tls: {mode: {{ .tlsMode }}, caFile: '{{ if .caConfigMapName }}/etc/kilo-mcp-store-ca/ca.crt{{ end }}'}
  poolMax: {{ .poolMax }}
{{- end }}
{{- else if eq .Values.store.mode "Embedded" }}
  directory: /var/lib/kilo-mcp/store
{{- end }}
notifications:
{{- with .Values.notifications }}
  url: {{ .url | quote }}
  source: {{ .source | quote }}
{{- if .url }}
  secretFile: /etc/kilo-mcp-notifications/secret
  caFile: '{{ if .caConfigMapName }}/etc/kilo-mcp-notifications-ca/ca.crt{{ end }}'
{{- end }}
{{- end }}
compliance:
  concurrency: {{ .Values.compliance.concurrency }}
approval:
  personKey: {{ .Values.approval.personKey | quote }}
  operatorServiceAccount: {{ include "mcp-operator.username" . }}
  executorServiceAccount: {{ include "mcp-operator.executorUsername" . }}
clusterDNS:
  namespaceLabels: {{ .Values.clusterDNS.namespaceLabels | toJson }}
  podLabels: {{ .Values.clusterDNS.podLabels | toJson }}
webhookCertificates:
  issuer: {{ .Values.webhook.certificates }}
  secretName: {{ include "mcp-operator.webhookCertificates" . }}
  serviceName: {{ include "mcp-operator.webhookService" . }}
  configurationName: {{ include "mcp-operator.fullname" . }}
  clientCAFile: '{{ if .Values.webhook.clientCAConfigMapName }}/etc/kilo-mcp-webhook-client-ca/ca.crt{{ end }}'
secondLock: '{{ if .Values.secondLock }}{{ include "mcp-operator.secondLock" . }}{{ end }}'
operatorNamespace: {{ .Release.Namespace }}
operatorPodLabels: {{ include "mcp-operator.selectorLabels" . | fromYaml | toJson }}
{{- end }}
