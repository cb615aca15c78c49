{{/* What the pods of the operator and of the executor have in common. */}}

{{- define "mcp-operator.podEnv" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: POD_SERVICE_ACCOUNT
  valueFrom: {fieldRef: {fieldPath: spec.serviceAccountName}}
# Of the container's memory limit: the rest is for buffers and the runtime itself.
- name: NODE_OPTIONS
  value: --max-old-space-size-percentage=75
{{- end }}

{{- define "mcp-operator.podProbes" -}}
startupProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 2
  {{- /* To make an embedded database takes seconds, and half a minute on a busy machine. */}}
  failureThreshold: {{ ternary 90 30 (eq .Values.store.mode "Embedded") }}
livenessProbe:
  httpGet: {path: /healthz, port: health}
  periodSeconds: 10
  timeoutSeconds: 5
readinessProbe:
  httpGet: {path: /readyz, port: health}
  periodSeconds: 5
  timeoutSeconds: 5
{{- end }}

{{- define "mcp-operator.podScheduling" -}}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* One pod per node where possible: for the pods of these labels. */}}
{{- define "mcp-operator.podSpread" -}}
- maxSkew: 1
  topologyKey: kubernetes.io/hostname
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- toYaml . | nindent 6 }}
{{- end }}

{{/* The credentials of the external database, and whom to trust there. */}}
{{- define "mcp-operator.storeMounts" -}}
- {name: store, mountPath: /etc/kilo-mcp-store, readOnly: true}
{{- if .Values.store.external.caConfigMapName }}
- {name: store-ca, mountPath: /etc/kilo-mcp-store-ca, readOnly: true}
{{- end }}
{{- end }}

{{- define "mcp-operator.storeVolumes" -}}
- name: store
  secret: {secretName: {{ .Values.store.external.secretName }}}
{{- with .Values.store.external.caConfigMapName }}
- name: store-ca
  configMap: {name: {{ . }}}
{{- end }}
{{- end }}

{{/* The ways that both go: DNS, the API server, and the external database. */}}
{{- define "mcp-operator.egressDNS" -}}
- to:
    - namespaceSelector: {matchLabels: {{ .Values.clusterDNS.namespaceLabels | toJson }}}
      podSelector: {matchLabels: {{ .Values.clusterDNS.podLabels | toJson }}}
  ports:
    - {port: 53, protocol: UDP}
    - {port: 53, protocol: TCP}
    # Behind the Service, where DNS pods may not bind port 53 themselves (OpenShift).
    - {port: 5353, protocol: UDP}
    - {port: 5353, protocol: TCP}
{{- end }}

{{- define "mcp-operator.egressAPIServer" -}}
- ports:
    {{- range .Values.networkPolicy.apiServer.ports }}
    - {port: {{ . }}, protocol: TCP}
    {{- end }}
  {{- with .Values.networkPolicy.apiServer.cidrs }}
  to:
    {{- range . }}
    - ipBlock: {cidr: {{ . | quote }}}
    {{- end }}
  {{- end }}
{{- end }}

{{- define "mcp-operator.egressStore" -}}
- ports:
    - {port: {{ .Values.store.external.port }}, protocol: TCP}
  {{- with .Values.store.external.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}

{{- define "mcp-operator.ingressMetrics" -}}
- ports:
    - {port: {{ .Values.metrics.port }}, protocol: TCP}
  {{- with .Values.networkPolicy.metricsFrom }}
  from:
    {{- toYaml . | nindent 4 }}
  {{- end }}
# The kubelet comes from the node, which no selector can name.
- ports:
    - {port: {{ .Values.healthPort }}, protocol: TCP}
{{- end }}
