{{/* Names and choices around the webhooks' certificates. */}}

{{/* The Secret that holds them, the roles over it, and the Certificate with which cert-manager fills it. */}}
{{- define "mcp-operator.webhookCertificates" -}}
{{ include "mcp-operator.fullname" . }}-webhook-certificates
{{- end }}

{{- define "mcp-operator.webhookCA" -}}
{{ include "mcp-operator.fullname" . }}-webhook-ca
{{- end }}

{{- define "mcp-operator.withCertManager" -}}
{{ and .Values.webhook.enabled (eq .Values.webhook.certificates "CertManager") | ternary "true" "" }}
{{- end }}

{{/* On the webhook configurations: whose CA cert-manager puts into them. */}}
{{- define "mcp-operator.webhookAnnotations" -}}
{{- if include "mcp-operator.withCertManager" . -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "mcp-operator.webhookCertificates" . }}
{{- end -}}
{{- end }}
