// Finds orientation, defocus and detector from the data, into a new run file.
process TESSERA_CALIBRATE {
    tag "${meta.id}"
    label 'parallel'

    input:
    tuple val(meta), path(config), path(data), path(extra, stageAs: '*')

    output:
    tuple val(meta), path('calibrate/calibrated.yaml'), emit: run
    tuple val(meta), path('calibrate'), emit: found
    path 'versions.yml', emit: versions

    script:
    def launch = params.ranks > 1 ? "${params.launcher} ${params.ranks} " : ''
    """
    ${launch}${params.tessera} calibrate ${config} --set 'data.file=${data}' --set output.directory=calibrate \\
      ${Checks.options(meta.sets)}

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    mkdir calibrate
    touch calibrate/calibrated.yaml calibrate/calibration.json versions.yml
    """
}
