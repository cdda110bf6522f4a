// Reconstructs two halves of the data and compares them: the figure that needs no truth.
process TESSERA_RESOLUTION {
    tag "${meta.id}"
    label 'parallel'

    input:
    tuple val(meta), path(config), path(data), path(extra, stageAs: '*')

    output:
    tuple val(meta), path('resolution'), emit: found
    path 'versions.yml', emit: versions

    script:
    def launch = params.ranks > 1 ? "${params.launcher} ${params.ranks} " : ''
    """
    ${launch}${params.tessera} resolution ${config} --set 'data.file=${data}' --set output.directory=resolution \\
      ${Checks.options(meta.sets)} ${params.args}

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    mkdir resolution
    touch resolution/{resolution.json,frc.png} versions.yml
    """
}
