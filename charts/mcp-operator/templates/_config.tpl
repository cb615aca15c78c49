{{/* The operator's configuration file: the same settings as its flags, under the same names. */}}
{{- define "mcp-operator.config" -}}
leaderElect: true
leaderElectionNamespace: {{ .Release.Namespace }}
metricsBindAddress: ':{{ .Values.metrics.port }}'
healthProbeBindAddress: ':{{ .Values.healthPort }}'
logLevel: {{ .Values.logLevel }}
concurrency: {{ .Values.concurrency }}
watchNamespaces: {{ .Values.watchNamespaces | toJson }}
probe:
  allowedCIDRs: {{ .Values.probe.allowedCIDRs | toJson }}
  refusedCIDRs: {{ .Values.probe.refusedCIDRs | toJson }}
  concurrency: {{ .Values.probe.concurrency }}
clusterDNS:
  namespaceLabels: {{ .Values.clusterDNS.namespaceLabels | toJson }}
  podLabels: {{ .Values.clusterDNS.podLabels | toJson }}
secondLock: '{{ if .Values.secondLock }}{{ include "mcp-operator.secondLock" . }}{{ end }}'
operatorNamespace: {{ .Release.Namespace }}
operatorPodLabels: {{ include "mcp-operator.selectorLabels" . | fromYaml | toJson }}
{{- end }}
