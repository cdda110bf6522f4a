// Object and probe. A run that is told to stop leaves its last iterate; with params.restart_dir the next attempt, or the next
// -resume, starts from it.
process TESSERA_RECONSTRUCT {
    tag "${meta.id}"
    label 'parallel'

    input:
    tuple val(meta), path(config), path(data), path(extra, stageAs: '*')

    output:
    tuple val(meta), path('reconstruct'), emit: result
    path 'versions.yml', emit: versions

    script:
    def launch = params.ranks > 1 ? "${params.launcher} ${params.ranks} " : ''
    def kept = params.restart_dir ? "${file(params.restart_dir).toAbsolutePath()}/${meta.folder}/result.emd" : ''
    """
    # This shell outlives the program that is told to stop, as it has to keep what that leaves.
    trap : TERM USR1 USR2
    kept='${kept}'
    start=()
    if [[ -n \$kept && -e \$kept ]]; then
      echo "starting from \$kept"
      start=(--set "object.initial={file: '\$kept', dataset: /reconstruction/object/data}"
        --set "beam.initial={file: '\$kept', dataset: /reconstruction/probe/data}" --set beam.rescale=false)
    fi
    code=0
    ${launch}${params.tessera} reconstruct ${config} --set 'data.file=${data}' --set output.directory=reconstruct \\
      ${Checks.options(meta.sets)} ${params.args} "\${start[@]}" || code=\$?
    if [[ -n \$kept && \$code != 0 && -e reconstruct/result.emd ]]; then
      mkdir -p "\$(dirname "\$kept")"
      cp reconstruct/result.emd "\$kept.tmp"
      mv "\$kept.tmp" "\$kept"
    elif [[ -n \$kept && \$code == 0 ]]; then
      rm -f "\$kept"
    fi

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    exit \$code
    """

    stub:
    """
    mkdir reconstruct
    touch reconstruct/{result.emd,metrics.json,phase.png} versions.yml
    """
}
